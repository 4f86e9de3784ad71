import { ChevronDown } from 'lucide-react';
import { Collapsible } from 'radix-ui';
import { useState } from 'react';

import { RunProviders } from '@/components/activity/RunProviders';
import { Button } from '@/components/ui/button';
import type { RunProvider } from '@/types/enrichment';
import { cn } from '@/utils/cn';

/** What a run had of each provider; shown on demand. */
export function RunDetails({ providers }: { providers: RunProvider[] }) {
  const [open, setOpen] = useState(false);
  return (
    <Collapsible.Root open={open} onOpenChange={setOpen}>
      <Collapsible.Trigger asChild>
        <Button variant="ghost" className="-ml-4">
          {open ? 'Hide Details' : 'View Details'}
          <ChevronDown aria-hidden className={cn('transition-transform', open && 'rotate-180')} />
        </Button>
      </Collapsible.Trigger>
      <Collapsible.Content className="mt-2">
        <RunProviders providers={providers} />
      </Collapsible.Content>
    </Collapsible.Root>
  );
}
