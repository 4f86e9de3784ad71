import type { ReactNode } from 'react';

interface PageTitleProps {
  /** Stands in the page, and in the browser's tab before "Metarr". */
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
}

export function PageTitle({ title, description, actions }: PageTitleProps) {
  return (
    <div className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <title>{`${title} · Metarr`}</title>
      <div className="min-w-0">
        <h1 className="text-2xl font-semibold tracking-tight text-balance">{title}</h1>
        {description !== undefined && <p className="mt-1 text-muted">{description}</p>}
      </div>
      {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
