import { useEffect, useRef } from 'react';

import { Button } from '@/components/ui/button';
import { Failed } from '@/components/ui/failed';

interface LoadMoreProps {
  /** What could not be loaded, said where the next page did not come. */
  failure: string;
  /** How much of how much is shown, for example "20 of 45". */
  shown: string;
  query: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    error: Error | null;
    fetchNextPage: () => unknown;
  };
}

/** The end of a list that has more: asks for the next page, and keeps the focus when there is none any more. */
export function LoadMore({ failure, shown, query }: LoadMoreProps) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, error, fetchNextPage } = query;
  const end = useRef<HTMLParagraphElement>(null);
  const pressed = useRef(false);
  useEffect(() => {
    if (hasNextPage || !pressed.current) return;
    pressed.current = false;
    end.current?.focus({ preventScroll: true });
  }, [hasNextPage]);
  const load = () => {
    pressed.current = true;
    if (!isFetchingNextPage) fetchNextPage();
  };
  return (
    <div className="flex flex-col items-center gap-3 pt-4">
      {isFetchNextPageError ? (
        <Failed what={failure} error={error} onRetry={load} retrying={isFetchingNextPage} />
      ) : (
        hasNextPage && (
          <Button busy={isFetchingNextPage} onClick={load}>
            Load more
          </Button>
        )
      )}
      <p ref={end} role="status" tabIndex={-1} className="text-xs text-muted tabular-nums outline-none">
        {shown}
      </p>
    </div>
  );
}
