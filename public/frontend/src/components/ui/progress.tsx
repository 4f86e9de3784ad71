import { Progress as Primitive } from 'radix-ui';

import { band, type Band } from '@/types/fields';
import { cn } from '@/utils/cn';

const COLOURS: Record<Band | 'brand', string> = {
  enriched: 'bg-good',
  partial: 'bg-warn',
  unenriched: 'bg-bad',
  brand: 'bg-brand',
};

interface ProgressProps {
  /** Percent; null while nobody knows. */
  value: number | null;
  /** What is measured; the percentage is added for screen readers. */
  label: string;
  /** The colour of the completeness band, or `brand` for work that goes on. */
  tone?: Band | 'brand';
  className?: string;
}

export function Progress({ value, label, tone = band(value ?? 0), className }: ProgressProps) {
  return (
    <Primitive.Root
      value={value}
      aria-label={value === null ? label : `${label}: ${value}%`}
      className={cn('h-2.5 w-full overflow-hidden rounded-full bg-sunken', className)}
    >
      <Primitive.Indicator
        className={cn(
          'h-full rounded-full transition-[width] duration-500 ease-out',
          COLOURS[tone],
          value === null && 'animate-sweep',
        )}
        style={{ width: `${value ?? 40}%` }}
      />
    </Primitive.Root>
  );
}
