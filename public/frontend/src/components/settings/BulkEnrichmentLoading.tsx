import { Skeleton } from '@/components/ui/skeleton';

const FACTS = ['w-40', 'w-24', 'w-44', 'w-28', 'w-36', 'w-20'];

export function BulkEnrichmentLoading() {
  return (
    <div role="status">
      <span className="sr-only">Loading bulk enrichment status …</span>
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
        {FACTS.map((width) => (
          <div key={width} className="space-y-1.5 py-0.5">
            <Skeleton className="h-3 w-20" />
            <Skeleton className={`h-4 ${width}`} />
          </div>
        ))}
      </div>
      <Skeleton className="mt-6 h-9 w-60" />
    </div>
  );
}
