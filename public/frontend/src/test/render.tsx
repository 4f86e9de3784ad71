import type { QueryClient } from '@tanstack/react-query';
import { render, type RenderResult } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { createMemoryRouter, type RouteObject, RouterProvider } from 'react-router';

import { App, createQueryClient } from '@/App';

export interface Shown extends RenderResult {
  user: UserEvent;
  client: QueryClient;
  /** Path and query of the page that is shown. */
  address: () => string;
}

/** Shows an element as the page at `at`; other addresses show nothing. */
export function show(element: React.ReactNode, { at = '/', path = '/' } = {}): Shown {
  return showRoutes(
    [
      { path, element },
      { path: '*', element: null },
    ],
    at,
  );
}

/** Shows what these routes have at an address. Failed requests are not repeated. */
export function showRoutes(routes: RouteObject[], at: string): Shown {
  const client = createQueryClient();
  const defaults = client.getDefaultOptions();
  client.setDefaultOptions({ ...defaults, queries: { ...defaults.queries, retry: false } });
  const router = createMemoryRouter(routes, { initialEntries: [at] });
  const result = render(
    <App client={client}>
      <RouterProvider router={router} />
    </App>,
  );
  const address = () => router.state.location.pathname + router.state.location.search;
  return { ...result, user: userEvent.setup(), client, address };
}
