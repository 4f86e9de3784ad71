import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';

import { LazyCode } from '@/utils/lazyCode';

import type { Message } from './toasts';

// The first page needs none.
const code = new LazyCode(() => import('./toasts'));

/** After the start the code is loaded ahead of the first message: that may be about a server that is away. */
const LOADED_AFTER_MS = 10_000;

const ToastContext = createContext<(text: string, tone?: Message['tone']) => void>(() => undefined);

/** Says briefly what an action has done, when its place on the page is gone. */
export const useToast = () => useContext(ToastContext);

let lastId = 0;

export function Toaster({ children }: { children: ReactNode }) {
  const [module, setModule] = useState(code.module);
  const [messages, setMessages] = useState<Message[]>([]);
  useEffect(() => {
    const timer = setTimeout(code.preload, LOADED_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  const show = useCallback((text: string, tone: Message['tone'] = 'good') => {
    lastId += 1;
    const message = { id: lastId, text, tone };
    code.load().then(
      (loaded) => {
        setModule(loaded);
        setMessages((shown) => [...shown, message]);
      },
      // A message that cannot be shown takes nothing else with it.
      () => undefined,
    );
  }, []);
  const drop = useCallback(
    (id: number) => setMessages((shown) => shown.filter((message) => message.id !== id)),
    [],
  );
  return (
    <ToastContext value={show}>
      {children}
      {module && <module.default messages={messages} onDrop={drop} />}
    </ToastContext>
  );
}
