import { Link } from 'react-router';

/** How new films get their metadata before the night. */
export function RunHint() {
  return (
    <p className="mt-0.5 text-xs">
      New movies are enriched with the next run.{' '}
      <Link to="/settings/general" className="font-medium underline underline-offset-2">
        Run now
      </Link>
    </p>
  );
}
