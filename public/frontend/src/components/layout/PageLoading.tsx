import { Skeleton } from '@/components/ui/skeleton';

export function PageLoading() {
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">Loading …</span>
      <Skeleton className="h-8 w-48" />
      <Skeleton className="h-64 w-full rounded-2xl" />
    </div>
  );
}
