import { Field } from '@/components/ui/field';
import { Select } from '@/components/ui/input';
import { percent } from '@/utils/format';

const STEPS = [0, 5, 10, 20, 30, 50];

interface ReserveRuleProps {
  /** Percent. */
  value: number;
  onChange: (value: number) => void;
}

export function ReserveRule({ value, onChange }: ReserveRuleProps) {
  // Another one may have been set over the API.
  const choices = STEPS.includes(value) ? STEPS : [...STEPS, value].sort((one, other) => one - other);
  return (
    <Field
      className="py-4"
      label="Quota kept for refreshes by hand"
      hint="Runs leave this part of a provider’s daily quota to you. It counts once the quota has been met."
    >
      {(input) => (
        <Select {...input} value={value} onChange={(event) => onChange(Number(event.target.value))}>
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice === 0 ? 'Nothing' : percent(choice)}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
