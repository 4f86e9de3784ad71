import { Link } from 'react-router';

import { Callout } from '@/components/ui/callout';
import { providerTitle } from '@/types/fields';

import type { HeldProvider } from './heldInWords';

interface HeldProvidersProps {
  held: HeldProvider[];
  /** One of the links is followed. */
  onLeave: () => void;
}

/** Warns of providers that keep a run from what it promises, and leads to what can be done about it. */
export function HeldProviders({ held, onLeave }: HeldProvidersProps) {
  const look = 'inline-flex min-h-9 items-center font-medium underline underline-offset-2';
  return held.map(({ name, text, byRule }) => (
    <Callout
      key={name}
      tone="warn"
      className="mb-4"
      more={
        <span className="flex flex-wrap gap-x-4">
          {byRule && (
            <Link to="/settings/general#rules" onClick={onLeave} className={look}>
              Change the rule
            </Link>
          )}
          <Link to="/settings/general#providers" onClick={onLeave} className={look}>
            Resume {providerTitle(name)}
          </Link>
        </span>
      }
    >
      {text}
    </Callout>
  ));
}
