import { memo } from 'react';

import { Skeleton } from '@/components/ui/skeleton';

import { ROW } from './rowLook';

interface LoadingRowProps {
  index: number;
  height: number;
}

/** The place of a film that is being read. */
export const LoadingRow = memo(function LoadingRow({ index, height }: LoadingRowProps) {
  return (
    <div aria-hidden className={ROW} style={{ height, transform: `translateY(${index * height}px)` }}>
      <div className="flex items-center gap-3">
        <Skeleton className="h-[4.875rem] w-[3.25rem] shrink-0 max-lg:absolute max-lg:top-[1.125rem] max-lg:left-4 lg:h-[3.375rem] lg:w-9" />
        <Skeleton className="h-4 w-3/5" />
      </div>
      <Skeleton className="h-5 w-14 rounded-full" />
      <Skeleton className="h-3.5 w-4/5 max-lg:col-span-2" />
      <span />
      <Skeleton className="ml-auto h-3.5 w-16" />
    </div>
  );
});
