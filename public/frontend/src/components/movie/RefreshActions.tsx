import { RefreshCw } from 'lucide-react';
import { type ReactNode, useId } from 'react';

import { Button } from '@/components/ui/button';
import type { Refresh } from '@/hooks/useRefresh';
import { duration } from '@/utils/format';

/** The buttons under a film's status; while a refresh is not allowed it is said for how long. */
export function RefreshActions({ refresh, children }: { refresh: Refresh; children: ReactNode }) {
  const note = useId();
  const { wait, busy, start } = refresh;
  return (
    <div>
      <div className="flex flex-col gap-2 sm:flex-row sm:flex-wrap lg:flex-col">
        <Button
          variant="primary"
          busy={busy}
          aria-disabled={wait > 0}
          aria-describedby={wait > 0 ? note : undefined}
          onClick={() => start()}
        >
          {!busy && <RefreshCw aria-hidden />}
          Refresh Metadata
        </Button>
        {children}
      </div>
      {wait > 0 && (
        <p id={note} className="mt-2 text-xs text-muted tabular-nums">
          Too many refreshes at once: possible again in {duration(wait)}.
        </p>
      )}
    </div>
  );
}
