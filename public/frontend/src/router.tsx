import { createBrowserRouter, type RouteObject } from 'react-router';

import { AppShell } from '@/components/layout/AppShell';
import { PageLoading } from '@/components/layout/PageLoading';
import CrashPage from '@/pages/CrashPage';
import NotFoundPage from '@/pages/NotFoundPage';

/** A page is loaded when it is first gone to. */
const page = (load: () => Promise<{ default: React.ComponentType }>) => ({
  lazy: async () => ({ Component: (await load()).default }),
  errorElement: <CrashPage />,
});

export const routes: RouteObject[] = [
  {
    element: <AppShell />,
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
