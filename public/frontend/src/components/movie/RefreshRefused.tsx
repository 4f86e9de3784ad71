import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import type { Refresh } from '@/hooks/useRefresh';
import { ApiError } from '@/utils/api';

/** Why a refresh was not begun. When it may be tried again is said at its button. */
export function RefreshRefused({ error, refresh }: { error: Error; refresh: Refresh }) {
  if (error instanceof ApiError && error.status === 409) {
    return (
      <Callout tone="info">
        <p className="font-medium">{error.message}</p>
        <p className="mt-0.5 text-xs">Its progress is shown here as it comes.</p>
      </Callout>
    );
  }
  if (error instanceof ApiError && error.retryAfter !== undefined) return null;
  return (
    <Callout
      tone="bad"
      actions={
        <Button size="sm" busy={refresh.busy} onClick={() => refresh.start()}>
          Retry
        </Button>
      }
    >
      <p className="font-medium">The refresh could not be started</p>
      <p className="mt-0.5 text-xs">{error.message}</p>
    </Callout>
  );
}
