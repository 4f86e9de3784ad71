import { Callout } from '@/components/ui/callout';
import { ApiError } from '@/utils/api';

/** Whether another key is all that is needed. */
export const isAboutKey = (error: Error | null): error is ApiError =>
  error instanceof ApiError && (error.code === 'wrong_api_key' || error.field === 'apiKey');

/** Why it could not be tried whether the key is right; `wait` in seconds, until it may be tried again. */
export function SignInFailure({ error, wait }: { error: Error; wait: number }) {
  if (!(error instanceof ApiError) || error.status !== 429) {
    return <Callout tone="bad">{error.message}</Callout>;
  }
  return (
    <Callout
      tone="warn"
      more={wait > 0 ? ` It can be tried again in ${wait} s.` : ' It can be tried again now.'}
    >
      {error.message}.
    </Callout>
  );
}
