import { cva, type VariantProps } from 'class-variance-authority';
import { LoaderCircle } from 'lucide-react';
import { Slot } from 'radix-ui';
import type { ComponentProps, MouseEvent } from 'react';

import { cn } from '@/utils/cn';

const buttonStyle = cva(
  'inline-flex items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors select-none disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      variant: {
        primary: 'bg-brand text-white shadow-xs hover:bg-brand/90',
        secondary: 'border border-line-strong/60 bg-raised text-ink shadow-xs hover:bg-sunken',
        ghost: 'text-muted hover:bg-sunken hover:text-ink',
        danger: 'border border-bad/40 bg-bad-soft text-bad-ink hover:bg-bad/25',
      },
      size: {
        sm: 'h-9 px-3 text-xs',
        md: 'h-9 px-4 text-sm',
        icon: 'size-9',
      },
    },
    defaultVariants: { variant: 'secondary', size: 'md' },
  },
);

interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof buttonStyle> {
  /** The look goes to the only child, for example a link. */
  asChild?: boolean;
  /**
   * What was asked for is under way: announced as busy, and not asked for twice. As with `aria-disabled`, presses are
   * ignored; the focus stays, which a button loses that becomes `disabled`.
   */
  busy?: boolean;
}

export function Button({
  variant,
  size,
  asChild,
  busy,
  className,
  disabled,
  'aria-disabled': ariaDisabled,
  onClick,
  children,
  ...props
}: ButtonProps) {
  const look = cn(buttonStyle({ variant, size }), className);
  if (asChild) {
    return (
      <Slot.Root className={look} aria-disabled={ariaDisabled} onClick={onClick} {...props}>
        {children}
      </Slot.Root>
    );
  }
  const ignored = busy === true || ariaDisabled === true;
  return (
    <button
      type="button"
      className={look}
      disabled={disabled && !ignored}
      aria-disabled={ignored || undefined}
      aria-busy={busy}
      onClick={ignored ? ignore : onClick}
      {...props}
    >
      {busy && <LoaderCircle className="animate-spin" aria-hidden />}
      {children}
    </button>
  );
}

/** Neither does the form send what it has, not even on Enter: that presses its button. */
const ignore = (event: MouseEvent) => event.preventDefault();
