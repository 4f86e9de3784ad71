import { Link } from 'react-router';

import { cn } from '@/utils/cn';

export function Logo({ className }: { className?: string }) {
  return (
    <Link to="/" className={cn('flex items-center gap-2.5 text-lg font-semibold tracking-tight', className)}>
      <img src="/icon.svg" alt="" width={28} height={28} />
      Metarr
    </Link>
  );
}
