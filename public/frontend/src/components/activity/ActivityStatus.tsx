import {
  Ban,
  CalendarX,
  Check,
  CircleAlert,
  LoaderCircle,
  type LucideIcon,
  SkipForward,
  TriangleAlert,
} from 'lucide-react';

import { Badge, type Tone } from '@/components/ui/badge';
import type { Activity } from '@/types/api';

const LOOKS: Record<Activity['status'], { word: string; tone: Tone; Icon: LucideIcon }> = {
  completed: { word: 'Completed', tone: 'good', Icon: Check },
  partial: { word: 'Partial', tone: 'warn', Icon: TriangleAlert },
  cancelled: { word: 'Cancelled', tone: 'neutral', Icon: Ban },
  failed: { word: 'Failed', tone: 'bad', Icon: CircleAlert },
  running: { word: 'Running', tone: 'brand', Icon: LoaderCircle },
  skipped: { word: 'Skipped', tone: 'neutral', Icon: SkipForward },
  missed: { word: 'Missed', tone: 'warn', Icon: CalendarX },
};

interface ActivityStatusProps {
  status: Activity['status'];
  /** Said of a partial run, where nothing else tells of the limit. */
  rateLimitHit?: boolean;
}

/** How an activity ended, or that it goes on. */
export function ActivityStatus({ status, rateLimitHit = false }: ActivityStatusProps) {
  const { word, tone, Icon } = LOOKS[status];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden strokeWidth={2.5} className={status === 'running' ? 'animate-spin' : undefined} />
      {word}
      {status === 'partial' && rateLimitHit && ' (Rate Limit Hit)'}
    </Badge>
  );
}
