import { useThrottled } from '@/hooks/useThrottled';

/** Figures that move may be read out this often; more would drown everything else. */
const EVERY_MS = 20_000;

/** Reads out politely what changes on the page by itself; it is not seen. */
export function Announcement({ text }: { text: string }) {
  return (
    <p role="status" className="sr-only">
      {useThrottled(text, EVERY_MS)}
    </p>
  );
}
