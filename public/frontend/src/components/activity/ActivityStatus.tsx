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

export function ActivityStatus({ status }: { status: Activity['status'] }) {
  const { word, tone, Icon } = LOOKS[status];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden strokeWidth={2.5} className={status === 'running' ? 'animate-spin' : undefined} />
      {word}
    </Badge>
  );
}
