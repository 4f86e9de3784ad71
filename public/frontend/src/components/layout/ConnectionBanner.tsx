import { useEffect, useState } from 'react';

import { useReachable } from '@/hooks/useReachable';
import { useConnection } from '@/live/LiveProvider';

/** A connection that comes back within this time is not worth a word. */
const PATIENCE_MS = 3_000;

/** Says calmly that live messages do not come, or that the server is away, and that nothing needs to be done. */
export function ConnectionBanner() {
  const lost = useConnection() === 'lost';
  return <div role="status">{lost && <Lost />}</div>;
}

function Lost() {
  const reachable = useReachable();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <p className="bg-warn-soft px-4 py-2 text-center text-xs font-medium text-warn-ink sm:px-6">
      {reachable
        ? 'Live updates are away just now; what you see is read anew every few seconds.'
        : 'Metarr cannot be reached just now. What you see may be old; the connection is tried again by itself.'}
    </p>
  );
}
