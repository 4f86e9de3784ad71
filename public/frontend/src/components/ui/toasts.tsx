import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { Toast } from 'radix-ui';

import { Button } from './button';

export interface Message {
  id: number;
  text: string;
  tone: 'good' | 'bad';
}

const SHOWN_MS = 6_000;

export default function Toasts({ messages, onDrop }: { messages: Message[]; onDrop: (id: number) => void }) {
  return (
    <Toast.Provider duration={SHOWN_MS} label="Message">
      {messages.map(({ id, text, tone }) => (
        <Toast.Root
          key={id}
          type="background"
          onOpenChange={(open) => !open && onDrop(id)}
          className="flex items-center gap-3 rounded-xl border border-line bg-raised py-2 pr-2 pl-4 shadow-lg"
        >
          {tone === 'good' ? (
            <CircleCheck aria-hidden className="size-4.5 shrink-0 text-good-ink" />
          ) : (
            <CircleAlert aria-hidden className="size-4.5 shrink-0 text-bad-ink" />
          )}
          <Toast.Description className="min-w-0 flex-1">{text}</Toast.Description>
          <Toast.Close asChild>
            <Button variant="ghost" size="icon" aria-label="Dismiss">
              <X aria-hidden />
            </Button>
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="fixed right-4 bottom-20 z-50 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 md:bottom-4" />
    </Toast.Provider>
  );
}
