import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps } from 'react';

import { cn } from '@/utils/cn';

const badgeStyle = cva(
  'inline-flex items-center gap-1 rounded-full font-medium whitespace-nowrap tabular-nums [&_svg]:shrink-0',
  {
    variants: {
      tone: {
        good: 'bg-good-soft text-good-ink',
        warn: 'bg-warn-soft text-warn-ink',
        bad: 'bg-bad-soft text-bad-ink',
        brand: 'bg-brand-soft text-brand-ink',
        neutral: 'bg-sunken text-muted',
      },
      size: {
        sm: 'px-2 py-0.5 text-xs [&_svg]:size-3',
        md: 'px-2.5 py-1 text-sm [&_svg]:size-3.5',
        lg: 'px-3.5 py-1.5 text-base [&_svg]:size-4.5',
      },
    },
    defaultVariants: { tone: 'neutral', size: 'sm' },
  },
);

export type Tone = NonNullable<VariantProps<typeof badgeStyle>['tone']>;

export function Badge({
  tone,
  size,
  className,
  ...props
}: ComponentProps<'span'> & VariantProps<typeof badgeStyle>) {
  return <span className={cn(badgeStyle({ tone, size }), className)} {...props} />;
}
