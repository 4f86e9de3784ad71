import { useEffect, useState } from 'react';

import { useConnection } from '@/live/LiveProvider';

/** A connection that comes back within this time is not worth a word. */
const PATIENCE_MS = 3_000;

/** Says calmly that the server is away, and that nothing needs to be done. */
export function ConnectionBanner() {
  const lost = useConnection() === 'lost';
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!lost) return;
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      setShown(false);
    };
  }, [lost]);
  return (
    <div role="status">
      {shown && (
        <p className="bg-warn-soft px-4 py-2 text-center text-xs font-medium text-warn-ink sm:px-6">
          Metarr cannot be reached just now. What you see may be old; the connection is tried again by itself.
        </p>
      )}
    </div>
  );
}
