import { KeyLocation } from '@/components/session/KeyLocation';
import { SignInForm } from '@/components/session/SignInForm';
import { Callout } from '@/components/ui/callout';
import { Card } from '@/components/ui/card';

/**
 * In the place of every page, at its address, until the key is given. Part of the first code that is loaded: the key may
 * be changed by an update, after which no other code of the old version is to be had.
 */
export default function SignInPage({ ended }: { ended: boolean }) {
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-8 sm:pb-[12vh] low:sm:pb-8">
      <title>Sign in · Metarr</title>
      <div className="w-full max-w-sm">
        <header className="mb-6 flex flex-col items-center gap-3 low:mb-4 low:flex-row low:justify-center">
          <img src="/icon.svg" alt="" width={44} height={44} />
          <h1 className="text-xl font-semibold tracking-tight">Sign in to Metarr</h1>
        </header>
        <Card className="space-y-5 p-5 sm:p-6">
          {ended && (
            <Callout tone="warn">
              You were signed out: the API key was changed, or you signed in too long ago.
            </Callout>
          )}
          <SignInForm />
          <KeyLocation />
        </Card>
      </div>
    </main>
  );
}
