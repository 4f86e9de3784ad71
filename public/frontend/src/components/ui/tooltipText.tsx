import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';

/** Pixels between the text and what it explains, and between it and the window's edge. */
const GAP = 6;
const MARGIN = 12;

interface TooltipTextProps {
  id: string;
  anchor: RefObject<HTMLElement | null>;
  onEnter: () => void;
  onLeave: () => void;
  onDismiss: () => void;
  children: ReactNode;
}

/** A text above what it explains, or below where there is no room; Escape and scrolling take it away. */
export function TooltipText({ id, anchor, onEnter, onLeave, onDismiss, children }: TooltipTextProps) {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: 0, top: 0 });
  useLayoutEffect(() => {
    if (!anchor.current || !box.current) return;
    const { left, width, top, bottom } = anchor.current.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = box.current;
    const right = document.documentElement.clientWidth - offsetWidth - MARGIN;
    const above = top - GAP - offsetHeight;
    setPlace({
      left: Math.max(MARGIN, Math.min(left + width / 2 - offsetWidth / 2, right)),
      top: above >= MARGIN ? above : bottom + GAP,
    });
  }, [anchor]);
  useEffect(() => {
    const escape = (event: KeyboardEvent) => event.key === 'Escape' && onDismiss();
    document.addEventListener('keydown', escape);
    document.addEventListener('scroll', onDismiss, { capture: true, passive: true });
    return () => {
      document.removeEventListener('keydown', escape);
      document.removeEventListener('scroll', onDismiss, { capture: true });
    };
  }, [onDismiss]);
  return createPortal(
    <div
      ref={box}
      id={id}
      role="tooltip"
      className="fixed z-50 w-max max-w-72 rounded-lg bg-ink px-3 py-2 text-xs leading-relaxed text-page shadow-lg"
      style={place}
      onPointerEnter={onEnter}
      onPointerLeave={onLeave}
    >
      {children}
    </div>,
    document.body,
  );
}
