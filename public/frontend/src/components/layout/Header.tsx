import { ConnectionState } from './ConnectionState';
import { Logo } from './Logo';
import { RunIndicator } from './RunIndicator';
import { ThemeButton } from './ThemeButton';

export function Header() {
  return (
    <header className="flex h-14 items-center gap-3 border-b border-line bg-page/85 px-4 backdrop-blur sm:px-6 lg:px-8 low:h-12">
      <Logo className="md:hidden" />
      <div className="ml-auto flex items-center gap-2 sm:gap-3">
        <RunIndicator />
        <ConnectionState />
        <ThemeButton />
      </div>
    </header>
  );
}
