import { Tooltip } from '@/components/ui/tooltip';
import { useConnection } from '@/live/LiveProvider';
import { cn } from '@/utils/cn';

const STATES = {
  open: { label: 'Live', text: 'Connected: what happens is shown at once', dot: 'bg-good' },
  connecting: { label: 'Connecting', text: 'Connecting to Metarr', dot: 'bg-warn animate-pulse' },
  lost: { label: 'Offline', text: 'The live connection is lost; it is tried again by itself', dot: 'bg-bad' },
};

/** Whether what is shown is live. */
export function ConnectionState() {
  const { label, text, dot } = STATES[useConnection()];
  return (
    <Tooltip text={text}>
      <button
        type="button"
        className="flex cursor-default items-center gap-2 rounded-full px-2 py-1 text-xs font-medium text-muted"
      >
        <span aria-hidden className={cn('size-2 rounded-full', dot)} />
        {label}
      </button>
    </Tooltip>
  );
}
