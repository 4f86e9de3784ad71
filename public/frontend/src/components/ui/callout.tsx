import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

import { cn } from '@/utils/cn';

const TONES = {
  info: { look: 'bg-brand-soft text-brand-ink', Icon: Info },
  good: { look: 'bg-good-soft text-good-ink', Icon: CircleCheck },
  warn: { look: 'bg-warn-soft text-warn-ink', Icon: TriangleAlert },
  bad: { look: 'bg-bad-soft text-bad-ink', Icon: CircleAlert },
};

interface CalloutProps {
  tone: keyof typeof TONES;
  children: ReactNode;
  /** Goes on from the text, and is not announced: what changes by itself, such as a `Moment`. */
  more?: ReactNode;
  /** Buttons beside or under the text. */
  actions?: ReactNode;
  className?: string;
}

/** A message in its place on the page; its text is announced politely when it appears. */
export function Callout({ tone, children, more, actions, className }: CalloutProps) {
  const { look, Icon } = TONES[tone];
  return (
    <div className={cn('flex flex-wrap items-center gap-x-3 gap-y-2 rounded-xl px-4 py-3', look, className)}>
      <Icon aria-hidden className="size-4.5 shrink-0" />
      <div className="min-w-0 flex-1 basis-40">
        <div role="status" className={more === undefined ? undefined : 'inline'}>
          {children}
        </div>
        {more}
      </div>
      {actions}
    </div>
  );
}
