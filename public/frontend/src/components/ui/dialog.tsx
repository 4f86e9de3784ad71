import { X } from 'lucide-react';
import { Dialog as Primitive } from 'radix-ui';
import { type ReactNode, useRef } from 'react';

import { cn } from '@/utils/cn';

import { Button } from './button';

export const Dialog = Primitive.Root;
export const DialogTrigger = Primitive.Trigger;
export const DialogClose = Primitive.Close;

interface DialogContentProps {
  title: string;
  /** One sentence under the title. */
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons at the bottom; the main one last. */
  footer?: ReactNode;
  wide?: boolean;
}

/** The focus begins at what is marked `data-autofocus`, else at the first thing that can take it. */
export function DialogContent({ title, description, children, footer, wide }: DialogContentProps) {
  const opener = useRef<Element>(null);
  return (
    <Primitive.Portal>
      <Primitive.Overlay className="fixed inset-0 z-40 bg-black/50 backdrop-blur-[2px]" />
      <Primitive.Content
        {...(description === undefined && { 'aria-describedby': undefined })}
        onOpenAutoFocus={(event) => {
          opener.current = document.activeElement;
          const first = (event.currentTarget as Element).querySelector<HTMLElement>('[data-autofocus]');
          if (!first) return;
          event.preventDefault();
          first.focus();
        }}
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          focusAfter(opener.current);
        }}
        className={cn(
          'fixed z-50 flex max-h-[min(90dvh,48rem)] flex-col overflow-hidden border border-line bg-raised shadow-2xl focus:outline-none',
          'inset-x-0 bottom-0 rounded-t-2xl sm:inset-auto sm:top-1/2 sm:left-1/2 sm:w-[calc(100vw-2rem)] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-2xl',
          wide ? 'sm:max-w-2xl' : 'sm:max-w-md',
        )}
      >
        <header className="flex items-start justify-between gap-4 px-6 pt-5 pb-3">
          <div className="min-w-0">
            <Primitive.Title
              title={title}
              className="line-clamp-4 text-base font-semibold tracking-tight wrap-anywhere"
            >
              {title}
            </Primitive.Title>
            {description !== undefined && (
              <Primitive.Description className="mt-1 text-muted">{description}</Primitive.Description>
            )}
          </div>
          <Primitive.Close asChild>
            <Button variant="ghost" size="icon" className="-mt-1.5 -mr-2" aria-label="Close">
              <X aria-hidden />
            </Button>
          </Primitive.Close>
        </header>
        {children !== undefined && (
          <div className="min-h-0 flex-1 overflow-y-auto px-6 pt-1 pb-5">{children}</div>
        )}
        {footer !== undefined && (
          <footer className="flex flex-col-reverse gap-2 border-t border-line bg-card px-6 py-4 sm:flex-row sm:justify-end">
            {footer}
          </footer>
        )}
      </Primitive.Content>
    </Primitive.Portal>
  );
}

/** The focus goes back to what opened the dialog, with or without a trigger; where that has gone, to the page. */
function focusAfter(opener: Element | null) {
  // What the dialog has led to may have taken the focus already.
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  const place = opener?.isConnected ? opener : document.getElementById('main');
  if (place instanceof HTMLElement) place.focus({ preventScroll: true });
}
