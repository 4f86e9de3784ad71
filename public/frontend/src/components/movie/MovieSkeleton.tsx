import { Skeleton } from '@/components/ui/skeleton';

/** The film's page while it is being loaded. */
export function MovieSkeleton() {
  return (
    <div role="status">
      <span className="sr-only">Loading the movie …</span>
      <div className="mb-6 flex gap-4 rounded-2xl border border-line bg-card p-4 sm:gap-6 sm:p-6">
        <Skeleton className="aspect-2/3 w-20 shrink-0 min-[22rem]:w-24 sm:w-36 lg:w-40" />
        <div className="flex-1 space-y-3">
          <Skeleton className="h-8 w-3/4 max-w-96" />
          <Skeleton className="h-6 w-40" />
        </div>
      </div>
      <Skeleton className="mb-5 h-9 w-56" />
      <div className="grid gap-5 lg:grid-cols-[22rem_minmax(0,1fr)]">
        <Skeleton className="h-96 rounded-2xl" />
        <Skeleton className="h-96 rounded-2xl" />
      </div>
    </div>
  );
}
