import { type SubmitEvent, useEffect, useRef, useState } from 'react';

import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { useSignIn } from '@/hooks/useSession';
import { useWait } from '@/hooks/useWait';

import { KeyInput } from './KeyInput';
import { isAboutKey, SignInFailure } from './SignInFailure';

/** One key for everybody; the name beside it, which nobody sees, is for password managers. */
export function SignInForm() {
  const { mutate, isPending, error, submittedAt, reset } = useSignIn();
  const [empty, setEmpty] = useState(false);
  const wait = useWait(error, submittedAt);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);

  const signIn = (event: SubmitEvent) => {
    event.preventDefault();
    const key = input.current?.value.trim() ?? '';
    setEmpty(!key);
    if (key) {
      mutate(key, { onError: (failure) => isAboutKey(failure) && input.current?.select() });
    } else {
      reset();
      input.current?.focus();
    }
  };

  let wrong: string | undefined;
  if (empty) wrong = 'Enter the API key';
  else if (isAboutKey(error)) wrong = error.message;

  return (
    <form className="space-y-4" method="post" noValidate onSubmit={signIn}>
      <input type="text" name="username" autoComplete="username" value="metarr" readOnly hidden />
      <Field label="API key" error={wrong && <span role="alert">{wrong}</span>}>
        {(described) => (
          <KeyInput
            {...described}
            ref={input}
            onChange={() => {
              setEmpty(false);
              if (isAboutKey(error)) reset();
            }}
          />
        )}
      </Field>
      {error && !isAboutKey(error) && <SignInFailure error={error} wait={wait} />}
      <Button type="submit" variant="primary" className="w-full" busy={isPending} aria-disabled={wait > 0}>
        {isPending ? 'Signing in …' : 'Sign in'}
      </Button>
    </form>
  );
}
