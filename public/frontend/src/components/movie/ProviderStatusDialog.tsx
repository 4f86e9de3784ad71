import { Button } from '@/components/ui/button';
import { Dialog, DialogContent, DialogTrigger } from '@/components/ui/dialog';
import type { ProviderOutcome } from '@/types/enrichment';

import { ProviderStatus } from './ProviderStatus';

/** How each provider fared when the film was last refreshed. */
export function ProviderStatusDialog({ providers }: { providers: ProviderOutcome[] }) {
  return (
    <Dialog>
      <DialogTrigger asChild>
        <Button>View Provider Status</Button>
      </DialogTrigger>
      <DialogContent
        title="Provider Status"
        description="How each provider fared at this movie's last refresh."
      >
        <ul role="list" className="divide-y divide-line">
          {providers.map((provider) => (
            <ProviderStatus key={provider.name} provider={provider} />
          ))}
        </ul>
      </DialogContent>
    </Dialog>
  );
}
