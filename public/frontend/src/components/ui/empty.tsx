import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}

/** Said where there is nothing to show, with what to do about it. */
export function Empty({ icon: Icon, title, children, actions }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-3 px-6 py-12 text-center">
      <div className="grid size-12 place-items-center rounded-full bg-sunken text-muted">
        <Icon aria-hidden className="size-6" />
      </div>
      <p className="text-base font-medium">{title}</p>
      {children !== undefined && <div className="max-w-md text-pretty text-muted">{children}</div>}
      {actions !== undefined && <div className="mt-2 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}
