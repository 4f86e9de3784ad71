import { useEffect, useRef } from 'react';
import { useLocation } from 'react-router';

/**
 * For the element to which an address ends with `#id` leads: it is shown and focused, once what is above it has its
 * height (`ready`). The element takes `tabIndex={-1}`.
 */
export function useLinkTarget(id: string, ready: boolean) {
  const target = useRef<HTMLElement>(null);
  const { hash, key } = useLocation();
  useEffect(() => {
    if (!ready || hash !== `#${id}`) return;
    target.current?.scrollIntoView();
    target.current?.focus({ preventScroll: true });
  }, [id, ready, hash, key]);
  return target;
}
