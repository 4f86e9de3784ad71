import { Tooltip as Primitive } from 'radix-ui';
import { type MouseEvent, type ReactNode, useState } from 'react';

export const TooltipProvider = Primitive.Provider;

interface TooltipProps {
  /** What is said on hover and on focus. */
  text: ReactNode;
  /** Something that can have the focus. */
  children: ReactNode;
  /** Pressing it opens this too, for fingers; only for what does nothing else when pressed. */
  opensOnPress?: boolean;
}

export function Tooltip({ text, children, opensOnPress = false }: TooltipProps) {
  const [open, setOpen] = useState(false);
  const press = (event: MouseEvent) => {
    event.preventDefault(); // The primitive would close it.
    setOpen(true);
  };
  return (
    <Primitive.Root open={open} onOpenChange={setOpen}>
      <Primitive.Trigger asChild {...(opensOnPress && { onClick: press })}>
        {children}
      </Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          sideOffset={6}
          collisionPadding={12}
          className="z-50 max-w-72 rounded-lg bg-ink px-3 py-2 text-xs leading-relaxed text-page shadow-lg"
        >
          {text}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
