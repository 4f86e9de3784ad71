import { ChevronDown, CircleCheck } from 'lucide-react';
import { useId, useState } from 'react';

import { Button } from '@/components/ui/button';
import type { MissingField, MovieEnrichmentStatus } from '@/types/enrichment';
import { providerTitle } from '@/types/fields';
import { cn } from '@/utils/cn';
import { folded } from '@/utils/folded';

import { missingReason } from './missingReason';

const SHOWN = 6;

/** The fields that have no value, by the reason why, each with the providers that could supply it. */
export function MissingFields({ status }: { status: MovieEnrichmentStatus }) {
  const [open, setOpen] = useState(true);
  const [all, setAll] = useState(false);
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
  const byReason = reasons.flatMap((reason) => missingFields.filter((one) => reasonOf(one) === reason));
  const few = folded(byReason, SHOWN);
  const shown = all ? byReason : few;
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
          <Reason key={reason} missing={shown.filter((one) => reasonOf(one) === reason)} status={status} />
        ))}
        {few.length < byReason.length && (
          <Button variant="ghost" aria-expanded={all} className="-ml-4" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${byReason.length}`}
          </Button>
        )}
      </div>
    </div>
  );
}

/** The shown ones of the fields that are missing for the same reason. */
function Reason({ missing, status }: { missing: MissingField[]; status: MovieEnrichmentStatus }) {
  const [first] = missing;
  if (!first) return null;
  return (
    <div>
      <p className="text-xs text-muted first-letter:uppercase">
        {missingReason(first, status, missing.length > 1)}
      </p>
      <ul className="mt-1 list-disc space-y-1 pl-5 marker:text-line-strong">
        {missing.map(({ field, displayName, providers }) => (
          <li key={field}>
            {displayName} <span className="text-muted">({providers.map(providerTitle).join(', ')})</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
