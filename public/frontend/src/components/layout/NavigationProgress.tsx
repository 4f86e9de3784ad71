import { useNavigation } from 'react-router';

/** A page that was asked for is on its way: a thin bar at the header's lower edge, while the page before stays. */
export function NavigationProgress() {
  const loading = useNavigation().state === 'loading';
  return (
    <div
      role="status"
      className="pointer-events-none absolute inset-x-0 -bottom-px h-0.5 overflow-hidden low:fixed low:top-0 low:bottom-auto"
    >
      {loading && (
        <>
          <span className="sr-only">Loading the page …</span>
          <div aria-hidden className="h-full w-2/5 animate-sweep bg-brand" />
        </>
      )}
    </div>
  );
}
