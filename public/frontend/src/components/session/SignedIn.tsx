import { type ReactNode, useEffect, useState } from 'react';

import { PageLoading } from '@/components/layout/PageLoading';
import { useAskedSession, useSessionState } from '@/hooks/useSession';
import SignInPage from '@/pages/SignInPage';

/** Shows its children to whoever may see the library, and the sign-in page in their place to everybody else. */
export function SignedIn({ children }: { children: ReactNode }) {
  const state = useSessionState();
  switch (state) {
    case 'in':
      return children;
    case 'unknown':
      return <Asking />;
    case 'out':
    case 'ended':
      return <SignInPage ended={state === 'ended'} />;
  }
}

/** An answer that comes within this time needs nothing to be shown before it. */
const PATIENCE_MS = 300;

function Asking() {
  useAskedSession();
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return slow && <PageLoading />;
}
