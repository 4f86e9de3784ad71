import type { ComponentProps } from 'react';

import { cn } from '@/utils/cn';

const LOOK =
  'border-line-strong bg-raised text-ink placeholder:text-muted h-9 w-full rounded-lg border px-3 text-base shadow-xs aria-invalid:border-bad disabled:opacity-60 sm:text-sm';

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={cn(LOOK, className)} {...props} />;
}

/** The browser's own list of choices: works with every keyboard, finger and screen reader. */
export function Select({ className, ...props }: ComponentProps<'select'>) {
  return <select className={cn(LOOK, 'pr-8', className)} {...props} />;
}
