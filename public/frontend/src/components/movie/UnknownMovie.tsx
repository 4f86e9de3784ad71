import { Fingerprint } from 'lucide-react';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import type { MovieDetails } from '@/types/api';
import { list } from '@/utils/format';

/** Said instead of a success where a refresh brought nothing, since nobody knows the film. */
export function UnknownMovie({ movie, onIdentify }: { movie: MovieDetails; onIdentify: () => void }) {
  const { identification, imdbId, tmdbId } = movie;
  const ids = [...(imdbId ? [imdbId] : []), ...(tmdbId ? [`TMDB id ${tmdbId}`] : [])];
  return (
    <Callout
      tone="warn"
      actions={
        <Button variant="primary" onClick={onIdentify}>
          <Fingerprint aria-hidden /> Identify
        </Button>
      }
    >
      {identification === 'unidentified' || ids.length === 0
        ? 'It is still not known which movie this is.'
        : `No provider knows ${list(ids)}. Check the ${ids.length > 1 ? 'ids' : 'id'}.`}
    </Callout>
  );
}
