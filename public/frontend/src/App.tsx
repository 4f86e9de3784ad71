import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { SignedIn } from '@/components/session/SignedIn';
import { Toaster } from '@/components/ui/toaster';
import { useOtherTabs } from '@/hooks/useOtherTabs';
import { LiveProvider } from '@/live/LiveProvider';
import { ApiError } from '@/utils/api';

/** What was refused stays refused; only what may be better in a moment is asked again. */
const mayPass = (error: Error) => !(error instanceof ApiError) || error.status === 0 || error.status >= 500;

export const createQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < 2 && mayPass(error),
        // A gateway on the same machine or in the same house is reached without the internet.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });

/** Everything that pages need around them. */
export function App({ client, children }: { client: QueryClient; children: ReactNode }) {
  return (
    <QueryClientProvider client={client}>
      <SignedIn>
        <LiveProvider>
          <OtherTabs />
          <Toaster>{children}</Toaster>
        </LiveProvider>
      </SignedIn>
    </QueryClientProvider>
  );
}

/** Keeps up with the other tabs; shows nothing. */
function OtherTabs() {
  useOtherTabs();
  return null;
}
