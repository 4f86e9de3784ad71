import { Check, CircleAlert, CircleDot, TriangleAlert } from 'lucide-react';

import { Badge, type Tone } from '@/components/ui/badge';
import { band, type Band } from '@/types/fields';
import { percent } from '@/utils/format';

interface EnrichmentHealthBadgeProps {
  completeness: number; // 0-100
  partial?: boolean;
  size?: 'sm' | 'md' | 'lg';
}

const LOOKS: Record<Band | 'limited', { tone: Tone; Icon: typeof Check; meaning: string }> = {
  enriched: { tone: 'good', Icon: Check, meaning: 'enriched' },
  partial: { tone: 'warn', Icon: CircleDot, meaning: 'some fields are missing' },
  unenriched: { tone: 'bad', Icon: CircleAlert, meaning: 'many fields are missing' },
  limited: { tone: 'warn', Icon: TriangleAlert, meaning: 'partial enrichment, some providers failed' },
};

/** How complete a film is, at a glance. */
export function EnrichmentHealthBadge({
  completeness,
  partial = false,
  size = 'md',
}: EnrichmentHealthBadgeProps) {
  const { tone, Icon, meaning } = LOOKS[partial ? 'limited' : band(completeness)];
  return (
    <Badge tone={tone} size={size} title={`${percent(completeness)} complete: ${meaning}`}>
      <Icon aria-hidden strokeWidth={2.5} />
      {percent(completeness)}
      <span className="sr-only"> complete: {meaning}</span>
    </Badge>
  );
}
