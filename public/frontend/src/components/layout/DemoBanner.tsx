import { useAbout } from '@/hooks/useAbout';

/** Always in sight in a demo: none of this is the person's own library. */
export function DemoBanner() {
  const { data } = useAbout();
  if (!data?.demo) return null;
  return (
    <aside
      aria-label="About this data"
      className="bg-brand px-4 py-1 text-center text-xs font-medium text-white sm:py-1.5 low:py-1"
    >
      <strong className="font-semibold">Demo data</strong>
      <span className="max-sm:hidden">
        {' '}
        · The providers are played by this machine; no request leaves it.
      </span>
    </aside>
  );
}
