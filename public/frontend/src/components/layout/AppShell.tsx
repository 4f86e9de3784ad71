import { Suspense, useEffect, useRef } from 'react';
import { Outlet, ScrollRestoration, useLocation } from 'react-router';

import { ConnectionBanner } from './ConnectionBanner';
import { DemoBanner } from './DemoBanner';
import { Header } from './Header';
import { BottomNavigation, SideNavigation } from './Navigation';
import { NavigationProgress } from './NavigationProgress';
import { PageLoading } from './PageLoading';

/** The frame around every page. */
export function AppShell() {
  const main = useFocusOnNewPage();
  return (
    <div className="min-h-dvh md:grid md:grid-cols-[14rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only z-50 rounded-lg bg-brand px-4 py-2 font-medium text-white focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to content
      </a>
      <SideNavigation />
      <div className="flex min-h-dvh min-w-0 flex-col pb-16 md:pb-0 max-md:low:pb-11">
        <div className="sticky top-0 z-20 low:static">
          <DemoBanner />
          <Header />
          <NavigationProgress />
        </div>
        <ConnectionBanner />
        <main
          id="main"
          ref={main}
          tabIndex={-1}
          className="mx-auto w-full max-w-7xl flex-1 px-4 py-6 outline-none sm:px-6 lg:px-8"
        >
          <Suspense fallback={<PageLoading />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <BottomNavigation />
      <ScrollRestoration />
    </div>
  );
}

/** A page that was gone to takes the focus, so that a screen reader reads it and Tab begins there. */
function useFocusOnNewPage() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}
