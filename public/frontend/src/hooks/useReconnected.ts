import { useEffect, useEffectEvent, useRef } from 'react';

import { useConnection } from '@/live/LiveProvider';

/** Calls back when live messages come again after the connection was lost. */
export function useReconnected(callback: () => void) {
  const connection = useConnection();
  const wasLost = useRef(false);
  const reconnected = useEffectEvent(callback);
  useEffect(() => {
    if (connection === 'open' && wasLost.current) reconnected();
    if (connection !== 'connecting') wasLost.current = connection === 'lost';
  }, [connection]);
}
