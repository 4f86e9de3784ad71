import { ProviderStateBadge } from '@/components/providers/ProviderStateBadge';
import { ProviderUse } from '@/components/providers/ProviderUse';
import { Button } from '@/components/ui/button';
import { useToast } from '@/components/ui/toaster';
import { useResumeProvider } from '@/hooks/useProviders';
import type { ProviderState } from '@/types/api';
import type { ProviderDefinition } from '@/types/fields';

import { ProviderNote } from './ProviderNote';

interface ProviderRowProps {
  provider: ProviderDefinition;
  state: ProviderState;
}

export function ProviderRow({ provider, state }: ProviderRowProps) {
  const isHeld = state.state === 'paused' || state.state === 'key_refused';
  const toast = useToast();
  const { mutate, isPending, error, reset } = useResumeProvider();
  const resume = () => mutate(provider.name, { onSuccess: ({ message }) => toast(message) });
  const refused = isHeld ? error : null;
  return (
    <li className="py-4 first:pt-1 last:pb-0">
      <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-2">
        <h3 className="font-medium">{provider.title}</h3>
        <ProviderStateBadge state={state.state} />
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
      <ProviderUse provider={state} />
      <p role="status" className="text-xs text-warn-ink">
        {refused && <span className="mt-2 block">{`Tried just now: ${refused.message}`}</span>}
      </p>
    </li>
  );
}
