import { useId, useState } from 'react';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { DialogClose, DialogContent } from '@/components/ui/dialog';
import { useToast } from '@/components/ui/toaster';
import { useTriggerBulkRun } from '@/hooks/useEnrichment';
import { useReconnected } from '@/hooks/useReconnected';
import { useWait } from '@/hooks/useWait';
import type { BulkEnrichmentStatus } from '@/types/enrichment';
import { ApiError } from '@/utils/api';
import { count, duration } from '@/utils/format';

import { RunForecast } from './RunForecast';

interface RunNowDialogProps {
  status: BulkEnrichmentStatus;
  onClose: () => void;
}

/** Asks whether the whole library shall be enriched now. */
export function RunNowDialog({ status, onClose }: RunNowDialogProps) {
  const [force, setForce] = useState(false);
  const forceId = useId();
  const toast = useToast();
  const { mutate, isPending, error, submittedAt, reset } = useTriggerBulkRun();
  useReconnected(() => error && reset());
  const wait = useWait(error, submittedAt);
  const start = () =>
    mutate(
      { force },
      {
        onSuccess: onClose,
        onError: (refused) => {
          if (!(refused instanceof ApiError) || refused.status !== 409) return;
          // Somebody was faster; that run is shown now.
          toast('A run goes on already; this is how far it is.');
          onClose();
        },
      },
    );
  return (
    <DialogContent
      title="Run Now"
      description={question(status.totalMovies)}
      footer={
        <>
          <DialogClose asChild>
            <Button>Not now</Button>
          </DialogClose>
          <Button variant="primary" busy={isPending} aria-disabled={wait > 0} onClick={start}>
            {wait > 0 ? `Continue in ${duration(wait)}` : 'Continue'}
          </Button>
        </>
      }
    >
      <RunForecast
        force={force}
        estimatedDuration={force ? status.forcedDuration : status.estimatedDuration}
        onLeave={onClose}
      />
      <label htmlFor={forceId} className="mt-4 flex min-h-9 items-center gap-3">
        <input
          id={forceId}
          type="checkbox"
          checked={force}
          onChange={(event) => setForce(event.target.checked)}
          className="size-4.5 shrink-0 accent-brand"
        />
        Ask again even where answers are fresh
      </label>
      {error && (wait > 0 || !isTooSoon(error)) && (
        <Callout tone={isTooSoon(error) ? 'warn' : 'bad'} className="mt-4">
          {isTooSoon(error)
            ? 'A run was started a moment ago. It can be started again in a moment.'
            : error.message}
        </Callout>
      )}
    </DialogContent>
  );
}

const question = (movies: number) =>
  movies === 1
    ? 'This will enrich the one movie of the library. Continue?'
    : `This will enrich all ${count(movies)} movies. Continue?`;

const isTooSoon = (error: Error) => error instanceof ApiError && error.status === 429;
