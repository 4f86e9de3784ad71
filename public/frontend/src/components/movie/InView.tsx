import { type ReactNode, useLayoutEffect, useRef } from 'react';

/** Brings what it holds into view each time that `of` names something else; never while that is null. */
export function InView({ of, children }: { of: string | null; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (of !== null) place.current?.scrollIntoView({ block: 'nearest' });
  }, [of]);
  // The bars at the top and the bottom of the page lie over what is at its edges.
  return (
    <div ref={place} className="scroll-mt-18 scroll-mb-20 empty:hidden">
      {children}
    </div>
  );
}
