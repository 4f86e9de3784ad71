import { Check, CirclePause, CircleSlash, KeyRound, type LucideIcon } from 'lucide-react';

import { Badge, type Tone } from '@/components/ui/badge';
import type { ProviderState } from '@/types/api';

const LOOKS: Record<ProviderState['state'], { word: string; tone: Tone; Icon: LucideIcon }> = {
  on: { word: 'On', tone: 'good', Icon: Check },
  off: { word: 'Off: no key', tone: 'neutral', Icon: CircleSlash },
  paused: { word: 'Paused', tone: 'warn', Icon: CirclePause },
  key_refused: { word: 'Key refused', tone: 'bad', Icon: KeyRound },
};

/** Whether a provider may be asked. */
export function ProviderStateBadge({ state }: Pick<ProviderState, 'state'>) {
  const { word, tone, Icon } = LOOKS[state];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden strokeWidth={2.5} />
      {word}
    </Badge>
  );
}
