import { RefreshCw } from 'lucide-react';
import { type ReactNode, useId } from 'react';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import type { Refresh } from '@/hooks/useRefresh';
import { duration } from '@/utils/format';

interface RefreshActionsProps {
  refresh: Refresh;
  /** The film is being refreshed. */
  going: boolean;
  children: ReactNode;
}

/** What can be done about a film's status; while a refresh is not allowed it is said for how long. */
export function RefreshActions({ refresh, going, children }: RefreshActionsProps) {
  const note = useId();
  const { wait, start } = refresh;
  const busy = refresh.busy || going;
  return (
    <div>
      {wait > 0 && (
        <div id={note} className="mb-3 tabular-nums">
          <Callout tone="warn" more={<>: possible again in {duration(wait)}.</>}>
            Too many refreshes at once
          </Callout>
        </div>
      )}
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
    </div>
  );
}
