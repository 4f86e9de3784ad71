import { LogOut } from 'lucide-react';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Card, CardContent, CardHeader, CardTitle } from '@/components/ui/card';
import { useKeyRequired, useSignOut } from '@/hooks/useSession';

/** Ends this browser's sign-in; where no key is asked for there is nothing to end, and nothing to be seen. */
export function AccessCard() {
  const required = useKeyRequired();
  const { mutate, isPending, error } = useSignOut();
  if (!required) return null;
  return (
    <Card aria-labelledby="access-title">
      <CardHeader>
        <CardTitle id="access-title">Access</CardTitle>
      </CardHeader>
      <CardContent className="space-y-3 text-pretty text-muted">
        <p>This browser is signed in with the API key. Signing out holds for all of its tabs.</p>
        <p>
          A new key signs out everybody: <code className="font-mono text-ink">metarr api-key --rotate</code>
        </p>
        <Button busy={isPending} onClick={() => mutate()}>
          {!isPending && <LogOut aria-hidden />}
          Sign out
        </Button>
        {error && <Callout tone="bad">You are still signed in. {error.message}</Callout>}
      </CardContent>
    </Card>
  );
}
