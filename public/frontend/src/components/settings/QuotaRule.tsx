import { useId } from 'react';

import type { Rules } from '@/types/api';

const CHOICES = [
  {
    value: 'stop',
    label: 'Stop the run',
    text: 'The next run goes on where this one stopped. Every movie gets all its answers at once.',
  },
  {
    value: 'pause_provider',
    label: 'Go on without that provider',
    text: 'Movies get what the other providers know; the rest is asked for later.',
  },
] as const;

interface QuotaRuleProps {
  value: Rules['onQuota'];
  onChange: (value: Rules['onQuota']) => void;
}

export function QuotaRule({ value, onChange }: QuotaRuleProps) {
  const id = useId();
  return (
    <fieldset className="pt-1 pb-4">
      <legend className="font-medium">When a provider’s daily quota is used up</legend>
      <div className="mt-2 space-y-1">
        {CHOICES.map((choice) => (
          <div key={choice.value} className="flex min-h-9 items-start gap-3 py-1">
            <input
              id={`${id}-${choice.value}`}
              type="radio"
              name={id}
              value={choice.value}
              checked={value === choice.value}
              onChange={() => onChange(choice.value)}
              aria-describedby={`${id}-${choice.value}-text`}
              className="mt-0.5 size-4.5 shrink-0 accent-brand"
            />
            <div>
              <label htmlFor={`${id}-${choice.value}`}>{choice.label}</label>
              <p id={`${id}-${choice.value}-text`} className="text-xs text-pretty text-muted">
                {choice.text}
              </p>
            </div>
          </div>
        ))}
      </div>
    </fieldset>
  );
}
