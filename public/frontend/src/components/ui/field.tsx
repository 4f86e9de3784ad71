import { type ReactNode, useId } from 'react';

interface FieldProps {
  label: string;
  /** Said under the input, until there is an error. */
  hint?: ReactNode;
  error?: ReactNode;
  className?: string;
  /** The input, given its id and what describes it. */
  children: (input: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }) => ReactNode;
}

/** An input with its label, and under it what is expected or what is wrong. */
export function Field({ label, hint, error, className, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      {children({
        id,
        ...(note !== undefined && { 'aria-describedby': `${id}-note` }),
        ...(error && { 'aria-invalid': true }),
      })}
      {note !== undefined && (
        <p id={`${id}-note`} className={error ? 'mt-1.5 text-xs text-bad-ink' : 'mt-1.5 text-xs text-muted'}>
          {note}
        </p>
      )}
    </div>
  );
}
