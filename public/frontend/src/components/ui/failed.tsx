import { Button } from './button';
import { Callout } from './callout';

interface FailedProps {
  /** What could not be loaded, for example "Failed to load completeness data". */
  what: string;
  error: Error | null;
  onRetry: () => void;
  retrying?: boolean;
}

/** Stands in the place of what could not be loaded. */
export function Failed({ what, error, onRetry, retrying = false }: FailedProps) {
  return (
    <Callout
      tone="bad"
      actions={
        <Button size="sm" busy={retrying} onClick={onRetry}>
          Retry
        </Button>
      }
    >
      <p className="font-medium">{what}</p>
      {error && <p className="mt-0.5 text-xs">{error.message}</p>}
    </Callout>
  );
}
