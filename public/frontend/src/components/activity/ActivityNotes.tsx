import { CircleAlert, type LucideIcon, TriangleAlert } from 'lucide-react';

import type { Activity } from '@/types/api';
import { cn } from '@/utils/cn';

import { limits } from './activityWords';

/** What stood in the way: quotas that were used up, and the error with which it ended. */
export function ActivityNotes({ activity }: { activity: Activity }) {
  const limited = limits(activity.rateLimitedProviders);
  return (
    <>
      {limited && <Note Icon={TriangleAlert} look="text-warn-ink" text={limited} />}
      {activity.error && <Note Icon={CircleAlert} look="text-bad-ink" text={activity.error} />}
    </>
  );
}

// Spans: it stands also in the button that opens an entry.
function Note({ Icon, look, text }: { Icon: LucideIcon; look: string; text: string }) {
  return (
    <span className={cn('mt-1 flex items-start gap-1.5 wrap-anywhere', look)}>
      <Icon aria-hidden className="mt-0.75 size-3.5 shrink-0" />
      {text}
    </span>
  );
}
