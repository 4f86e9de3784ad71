import { Check, KeyRound, Pause, Power } from 'lucide-react';

import { Badge, type Tone } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { useToast } from '@/components/ui/toaster';
import { useResumeProvider } from '@/hooks/useProviders';
import type { ProviderState } from '@/types/api';
import type { ProviderDefinition } from '@/types/fields';
import { count } from '@/utils/format';

import { ProviderNote } from './ProviderNote';

const STATES: Record<ProviderState['state'], { tone: Tone; Icon: typeof Check; label: string }> = {
  on: { tone: 'good', Icon: Check, label: 'On' },
  off: { tone: 'neutral', Icon: Power, label: 'Off' },
  paused: { tone: 'warn', Icon: Pause, label: 'Paused' },
  key_refused: { tone: 'bad', Icon: KeyRound, label: 'Key refused' },
};

interface ProviderRowProps {
  provider: ProviderDefinition;
  state: ProviderState;
}

export function ProviderRow({ provider, state }: ProviderRowProps) {
  const { tone, Icon, label } = STATES[state.state];
  const isHeld = state.state === 'paused' || state.state === 'key_refused';
  const toast = useToast();
  const { mutate, isPending, error, reset } = useResumeProvider();
  const resume = () => mutate(provider.name, { onSuccess: ({ message }) => toast(message) });
  const refused = isHeld ? error : null;
  return (
    <li className="py-4 first:pt-1 last:pb-0">
      <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-2">
        <h3 className="font-medium">{provider.title}</h3>
        <Badge tone={tone}>
          <Icon aria-hidden strokeWidth={2.5} />
          {label}
        </Badge>
        {isHeld && (
          <Button
            className="ml-auto"
            busy={isPending}
            onClick={() => {
              reset();
              resume();
            }}
            aria-label={`Resume ${provider.title}`}
          >
            Resume
          </Button>
        )}
      </div>
      <ProviderNote provider={provider} state={state} />
      {state.state !== 'off' && (
        <p className="mt-1 text-xs text-muted tabular-nums">
          {count(state.requestsToday)} {state.requestsToday === 1 ? 'request' : 'requests'} today
          {state.remaining !== null && ` · ${count(state.remaining)} left of the daily quota`}
        </p>
      )}
      <p role="status" className="text-xs text-warn-ink">
        {refused && <span className="mt-2 block">{`Tried just now: ${refused.message}`}</span>}
      </p>
    </li>
  );
}
