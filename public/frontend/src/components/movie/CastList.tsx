import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { folded } from '@/utils/folded';

interface Actor {
  name: string;
  role: string | null;
}

const SHOWN = 8;

/** Who plays whom; a long list is opened by a person who wants it. */
export function CastList({ cast }: { cast: unknown[] }) {
  const [open, setOpen] = useState(false);
  const actors = cast.map(actorOf);
  const few = folded(actors, SHOWN);
  return (
    <>
      <ul
        role="list"
        className="grid grid-cols-[repeat(auto-fill,minmax(min(13rem,100%),1fr))] gap-x-6 gap-y-1.5"
      >
        {(open ? actors : few).map(({ name, role }, index) => (
          <li key={index} className="min-w-0 wrap-anywhere">
            {name}
            {role && <span className="text-muted"> as {role}</span>}
          </li>
        ))}
      </ul>
      {few.length < actors.length && (
        <Button variant="ghost" aria-expanded={open} className="mt-1 -ml-4" onClick={() => setOpen(!open)}>
          {open ? 'Show fewer' : `Show all ${actors.length}`}
        </Button>
      )}
    </>
  );
}

function actorOf(entry: unknown): Actor {
  if (typeof entry !== 'object' || entry === null) return { name: String(entry), role: null };
  const { name, role } = entry as { name?: unknown; role?: unknown };
  return { name: String(name), role: typeof role === 'string' && role ? role : null };
}
