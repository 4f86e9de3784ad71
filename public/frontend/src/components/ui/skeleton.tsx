import { cn } from '@/utils/cn';

/** The place of something that is being loaded. What is loaded is said beside it, for screen readers. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn('animate-pulse rounded-md bg-sunken', className)} />;
}
