import { Switch as Primitive } from 'radix-ui';
import type { ComponentProps } from 'react';

import { cn } from '@/utils/cn';

export function Switch({ className, ...props }: ComponentProps<typeof Primitive.Root>) {
  return (
    <Primitive.Root
      className={cn(
        'relative inline-flex h-6 w-11 shrink-0 items-center rounded-full bg-line-strong p-0.5 transition-colors after:absolute after:-inset-x-1 after:-inset-y-2 disabled:cursor-not-allowed disabled:opacity-55 data-[state=checked]:bg-brand',
        className,
      )}
      {...props}
    >
      <Primitive.Thumb className="size-5 rounded-full bg-white shadow-sm transition-transform data-[state=checked]:translate-x-5" />
    </Primitive.Root>
  );
}
