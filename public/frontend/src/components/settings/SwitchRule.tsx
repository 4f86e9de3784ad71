import { useId } from 'react';

import { Switch } from '@/components/ui/switch';

interface SwitchRuleProps {
  label: string;
  text: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function SwitchRule({ label, text, checked, onChange }: SwitchRuleProps) {
  const id = useId();
  return (
    <div className="flex items-start justify-between gap-4 py-4 last:pb-0">
      <div className="min-w-0">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        <p id={`${id}-text`} className="mt-0.5 text-xs text-pretty text-muted">
          {text}
        </p>
      </div>
      <Switch id={id} aria-describedby={`${id}-text`} checked={checked} onCheckedChange={onChange} />
    </div>
  );
}
