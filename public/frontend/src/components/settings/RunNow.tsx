import { useId, useState } from 'react';
import { Link } from 'react-router';

import { Button } from '@/components/ui/button';
import { Dialog, DialogTrigger } from '@/components/ui/dialog';
import type { BulkEnrichmentStatus } from '@/types/enrichment';

import { RunNowDialog } from './RunNowDialog';

/** Starts a run over the whole library, after it was said what that means. */
export function RunNow({ status }: { status: BulkEnrichmentStatus }) {
  const [open, setOpen] = useState(false);
  const [times, setTimes] = useState(0);
  const reason = useId();
  if (status.totalMovies === 0) {
    return (
      <>
        <Button variant="primary" disabled aria-describedby={reason} title="There are no movies yet">
          Run Now
        </Button>
        <p id={reason} className="order-last basis-full text-xs text-muted">
          There are no movies to enrich yet.{' '}
          <Link to="/media/movies" className="font-medium text-brand-ink underline underline-offset-2">
            Add some first
          </Link>
        </p>
      </>
    );
  }
  return (
    <Dialog
      open={open}
      onOpenChange={(opens) => {
        setOpen(opens);
        if (opens) setTimes(times + 1);
      }}
    >
      <DialogTrigger asChild>
        <Button variant="primary">Run Now</Button>
      </DialogTrigger>
      {/* What was refused last time, or chosen, is none of this time's. */}
      <RunNowDialog key={times} status={status} onClose={() => setOpen(false)} />
    </Dialog>
  );
}
