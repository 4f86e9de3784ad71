import { Card } from '@/components/ui/card';

import { LoadingRow } from './LoadingRow';

const ROWS = 12;

/** The place of the list until its first page is there. */
export function LoadingTable({ height }: { height: number }) {
  return (
    <Card role="status" className="overflow-clip">
      <span className="sr-only">Loading movies …</span>
      <div className="h-11 border-b border-line max-lg:hidden" />
      <div className="relative" style={{ height: ROWS * height }}>
        {Array.from({ length: ROWS }, (_, index) => (
          <LoadingRow key={index} index={index} height={height} />
        ))}
      </div>
    </Card>
  );
}
