import { Ban, Check, TriangleAlert, X } from 'lucide-react';

import { Badge, type Tone } from '@/components/ui/badge';
import type { LastRun } from '@/types/enrichment';

const ENDS: Record<LastRun['status'], { tone: Tone; Icon: typeof Check; text: string }> = {
  completed: { tone: 'good', Icon: Check, text: 'Completed' },
  partial: { tone: 'warn', Icon: TriangleAlert, text: 'Partial' },
  cancelled: { tone: 'neutral', Icon: Ban, text: 'Cancelled' },
  failed: { tone: 'bad', Icon: X, text: 'Failed' },
};

/** How a run ended. */
export function RunStatus({ run: { status, rateLimitHit } }: { run: LastRun }) {
  const { tone, Icon, text } = ENDS[status];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden strokeWidth={2.5} />
      {text}
      {status === 'partial' && rateLimitHit && ' (Rate Limit Hit)'}
    </Badge>
  );
}
