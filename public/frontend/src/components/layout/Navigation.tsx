import { Clapperboard, Gauge, History, Settings } from 'lucide-react';
import { NavLink } from 'react-router';

import { cn } from '@/utils/cn';

import { Logo } from './Logo';

const PLACES = [
  { to: '/', label: 'Dashboard', Icon: Gauge },
  { to: '/media/movies', label: 'Movies', Icon: Clapperboard },
  { to: '/activity/history', label: 'Activity', Icon: History },
  { to: '/settings/general', label: 'Settings', Icon: Settings },
];

export function SideNavigation() {
  return (
    <nav
      aria-label="Main"
      className="sticky top-0 hidden h-dvh flex-col gap-1 overflow-y-auto border-r border-line bg-card px-3 py-5 md:flex"
    >
      <Logo className="mb-5 px-3" />
      {PLACES.map(({ to, label, Icon }) => (
        <NavLink
          key={to}
          to={to}
          end={to === '/'}
          className={({ isActive }) =>
            cn(
              'flex items-center gap-3 rounded-lg px-3 py-2 font-medium transition-colors',
              isActive ? 'bg-brand-soft text-brand-ink' : 'text-muted hover:bg-sunken hover:text-ink',
            )
          }
        >
          <Icon aria-hidden className="size-4.5" />
          {label}
        </NavLink>
      ))}
    </nav>
  );
}

/** On a phone the places are where the thumb is. */
export function BottomNavigation() {
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-4 border-t border-line bg-card pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {PLACES.map(({ to, label, Icon }) => (
        <NavLink
          key={to}
          to={to}
          end={to === '/'}
          className={({ isActive }) =>
            cn(
              'flex h-16 flex-col items-center justify-center gap-1 text-xs font-medium low:h-11 low:flex-row low:gap-2',
              isActive ? 'text-brand-ink' : 'text-muted',
            )
          }
        >
          <Icon aria-hidden className="size-5 low:max-sm:hidden" />
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
