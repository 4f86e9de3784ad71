import type { ComponentType } from 'react';
import { createBrowserRouter, matchRoutes, type RouteObject } from 'react-router';

import { AppShell } from '@/components/layout/AppShell';
import { PageLoading } from '@/components/layout/PageLoading';
import { ImportWatch } from '@/components/movies/ImportWatch';
import { Card } from '@/components/ui/card';
import { part } from '@/components/ui/part';
import CrashPage from '@/pages/CrashPage';
import NotFoundPage from '@/pages/NotFoundPage';

interface PageHandle {
  preload: () => void;
}

/** A page is loaded when it is first gone to; the page before stays until it is there. */
function page(load: () => Promise<{ default: ComponentType }>) {
  const Page = part(load, {
    name: 'This page',
    loading: <PageLoading />,
    failed: (message) => (
      <Card className="p-4">
        <title>Metarr</title>
        {message}
      </Card>
    ),
  });
  return {
    lazy: async () => {
      // A page that cannot be loaded says so itself, in the frame of the others.
      await Page.load().catch(() => undefined);
      return { Component: Page };
    },
    handle: { preload: Page.preload } satisfies PageHandle,
    errorElement: <CrashPage />,
  };
}

export const routes: RouteObject[] = [
  {
    element: (
      <>
        <AppShell />
        <ImportWatch />
      </>
    ),
    errorElement: <CrashPage />,
    hydrateFallbackElement: <PageLoading />,
    children: [
      { index: true, ...page(() => import('@/pages/DashboardPage')) },
      { path: 'media/movies', ...page(() => import('@/pages/MoviesPage')) },
      { path: 'media/movies/:id/edit', ...page(() => import('@/pages/MoviePage')) },
      { path: 'settings/general', ...page(() => import('@/pages/SettingsPage')) },
      { path: 'activity/history', ...page(() => import('@/pages/ActivityPage')) },
      { path: '*', element: <NotFoundPage /> },
    ],
  },
];

export const createRouter = () => createBrowserRouter(routes);

/** Loads a page as soon as somebody points at a link to it, or comes to the link by the keyboard. */
export function preloadPages() {
  document.addEventListener('pointerover', preloadPage, { passive: true });
  document.addEventListener('focusin', preloadPage);
}

function preloadPage({ target }: Event) {
  const link = target instanceof Element ? target.closest('a') : null;
  if (link?.origin !== location.origin) return;
  const handle = matchRoutes(routes, link.pathname)?.at(-1)?.route.handle as PageHandle | undefined;
  handle?.preload();
}
