import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useState } from 'react';

import type { Message } from './toasts';

// Loaded with the first message: the first page needs none.
const Toasts = lazy(() => import('./toasts'));

const ToastContext = createContext<(text: string, tone?: Message['tone']) => void>(() => undefined);

/** Says briefly what an action has done, when its place on the page is gone. */
export const useToast = () => useContext(ToastContext);

let lastId = 0;

export function Toaster({ children }: { children: ReactNode }) {
  const [messages, setMessages] = useState<Message[] | null>(null);
  const show = useCallback((text: string, tone: Message['tone'] = 'good') => {
    lastId += 1;
    const message = { id: lastId, text, tone };
    setMessages((shown) => [...(shown ?? []), message]);
  }, []);
  const drop = useCallback(
    (id: number) => setMessages((shown) => shown?.filter((message) => message.id !== id) ?? null),
    [],
  );
  return (
    <ToastContext value={show}>
      {children}
      {messages && (
        <Suspense>
          <Toasts messages={messages} onDrop={drop} />
        </Suspense>
      )}
    </ToastContext>
  );
}
