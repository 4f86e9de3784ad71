import { ChevronDown, CircleCheck } from 'lucide-react';
import { useId, useState } from 'react';

import type { MissingField, MovieEnrichmentStatus } from '@/types/enrichment';
import { providerTitle } from '@/types/fields';
import { cn } from '@/utils/cn';

import { missingReason } from './missingReason';

/** The fields that have no value, by the reason why, each with the providers that could supply it. */
export function MissingFields({ status }: { status: MovieEnrichmentStatus }) {
  // Where nothing is known at all the list says no more than that, and would push the refresh out of sight.
  const [open, setOpen] = useState(status.completeness > 0);
  const id = useId();
  const { missingFields } = status;
  if (missingFields.length === 0) {
    return (
      <p className="flex items-center gap-2 text-good-ink">
        <CircleCheck aria-hidden className="size-4" /> No missing fields
      </p>
    );
  }
  const reasonOf = (missing: MissingField) => missingReason(missing, status);
  const reasons = [...new Set(missingFields.map(reasonOf))];
  return (
    <div>
      <h3>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          className="-mx-2 flex min-h-9 items-center gap-2 rounded-lg px-2 font-medium hover:bg-sunken"
          onClick={() => setOpen(!open)}
        >
          Missing Fields ({missingFields.length}):
          <ChevronDown
            aria-hidden
            className={cn('size-4 text-muted transition-transform', open && 'rotate-180')}
          />
        </button>
      </h3>
      <div id={id} hidden={!open} className="mt-1 space-y-3">
        {reasons.map((reason) => (
          <div key={reason}>
            <p className="text-xs text-muted first-letter:uppercase">{reason}</p>
            <ul className="mt-1 list-disc space-y-1 pl-5 marker:text-line-strong">
              {missingFields
                .filter((missing) => reasonOf(missing) === reason)
                .map(({ field, displayName, providers }) => (
                  <li key={field}>
                    {displayName}{' '}
                    <span className="text-muted">({providers.map(providerTitle).join(', ')})</span>
                  </li>
                ))}
            </ul>
          </div>
        ))}
      </div>
    </div>
  );
}
