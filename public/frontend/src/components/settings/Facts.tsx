import type { ReactNode } from 'react';

/** What is known, as pairs: side by side from a tablet on, one under the other on a phone. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-2">{children}</dl>;
}

interface FactProps {
  label: string;
  /** Said small under the value. */
  note?: ReactNode;
  children: ReactNode;
}

export function Fact({ label, note, children }: FactProps) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="mt-0.5 font-medium break-words tabular-nums">
        {children}
        {note !== undefined && (
          <span className="mt-0.5 block text-xs font-normal text-pretty text-muted">{note}</span>
        )}
      </dd>
    </div>
  );
}
