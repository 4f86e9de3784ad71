import { Button } from '@/components/ui/button';
import { useToast } from '@/components/ui/toaster';
import { useCancelJob } from '@/hooks/useEnrichment';
import type { CurrentRun } from '@/types/enrichment';
import { ApiError } from '@/utils/api';

/** Nothing is lost by a cancel, so it is not asked twice; the button is busy until the run has ended. */
export function CancelRun({ run: { jobId, state } }: { run: CurrentRun }) {
  const toast = useToast();
  const { mutate, isPending, isSuccess, variables } = useCancelJob();
  const busy = state === 'cancelling' || ((isPending || isSuccess) && variables.jobId === jobId);
  const cancel = () =>
    mutate(
      { jobId },
      {
        onError: (error) => {
          // A run that has ended meanwhile is shown as ended.
          if (!(error instanceof ApiError && error.code === 'job_ended')) toast(error.message, 'bad');
        },
      },
    );
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <Button busy={busy} onClick={cancel} className="max-sm:w-full">
        {busy ? 'Cancelling …' : 'Cancel'}
      </Button>
      <p className="text-xs text-pretty text-muted">
        {busy
          ? 'Movies at work are finished first; what they got is kept.'
          : 'The run goes on when you leave this page. A cancel keeps what was found so far.'}
      </p>
    </div>
  );
}
