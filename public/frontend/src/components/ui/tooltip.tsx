import { Slot } from 'radix-ui';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';

import { TooltipText } from './tooltipText';

/** Who only passes by with the pointer sees nothing. */
const DELAY_MS = 250;
/** The way from what is explained to the text, so that the pointer may rest on it. */
const GRACE_MS = 120;

interface TooltipProps {
  /** What is said on hover and on focus. */
  text: ReactNode;
  /** Something that can have the focus. */
  children: ReactNode;
  /** Pressing it opens this too, for fingers; only for what does nothing else when pressed. */
  opensOnPress?: boolean;
}

/** Small by intent: it is on the first page, where a library for floating boxes would be a tenth of all code. */
export function Tooltip({ text, children, opensOnPress = false }: TooltipProps) {
  const id = useId();
  const anchor = useRef<HTMLElement>(null);
  const pressed = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [open, setOpen] = useState(false);
  useEffect(() => () => clearTimeout(timer.current), []);

  const become = (wanted: boolean, afterMs = 0) => {
    clearTimeout(timer.current);
    if (afterMs === 0) setOpen(wanted);
    else timer.current = setTimeout(() => setOpen(wanted), afterMs);
  };
  return (
    <>
      <Slot.Root
        ref={anchor}
        aria-describedby={open ? id : undefined}
        onPointerEnter={(event) => event.pointerType !== 'touch' && become(true, open ? 0 : DELAY_MS)}
        onPointerLeave={(event) => event.pointerType !== 'touch' && become(false, GRACE_MS)}
        onPointerDown={() => (pressed.current = true)}
        onClick={() => {
          pressed.current = false;
          become(opensOnPress);
        }}
        onFocus={() => !pressed.current && become(true)}
        onBlur={() => {
          pressed.current = false;
          become(false);
        }}
      >
        {children}
      </Slot.Root>
      {open && (
        <TooltipText
          id={id}
          anchor={anchor}
          onEnter={() => become(true)}
          onLeave={() => become(false, GRACE_MS)}
          onDismiss={() => become(false)}
        >
          {text}
        </TooltipText>
      )}
    </>
  );
}
