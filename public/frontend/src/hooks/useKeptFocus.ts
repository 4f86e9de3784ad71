import { type FocusEvent, type RefObject, useLayoutEffect, useRef } from 'react';

interface KeptFocus {
  /** For the heading of the place; it takes `tabIndex={-1}`. */
  title: RefObject<HTMLHeadingElement | null>;
  /** For the element around all that comes and goes. */
  watch: { onFocus: () => void; onBlur: (event: FocusEvent) => void };
}

/**
 * For a place that shows now one thing, now another (`view`): whoever had the focus in something that has gone gets it
 * at the place's heading, so that Tab goes on from there.
 */
export function useKeptFocus(view: unknown): KeptFocus {
  const title = useRef<HTMLHeadingElement>(null);
  // What is taken out of the page loses the focus to nothing else: then this stays true.
  const inside = useRef(false);
  useLayoutEffect(() => {
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (inside.current && isLost) title.current?.focus({ preventScroll: true });
  }, [view]);
  return {
    title,
    watch: {
      onFocus: () => {
        inside.current = true;
      },
      onBlur: ({ relatedTarget }) => {
        if (relatedTarget !== null) inside.current = false;
      },
    },
  };
}
