import { CloudDownload, Film } from 'lucide-react';

import { Card, CardContent, CardHeader, CardTitle } from '@/components/ui/card';
import { Empty } from '@/components/ui/empty';
import { useMovieEnrichmentStatus } from '@/hooks/useEnrichment';
import type { MovieDetails } from '@/types/api';
import { CATEGORIES, FIELDS } from '@/types/fields';

import { FieldRow } from './FieldRow';
import { missingReason } from './missingReason';

/** All that is known of a film, by category; of fields that are not counted only those that have a value. */
export function MovieFields({ movie, refreshing }: { movie: MovieDetails; refreshing: boolean }) {
  const status = useMovieEnrichmentStatus(movie.id).data;
  const why = new Map(
    status?.missingFields.map((missing) => [missing.field, missingReason(missing, status)] as const),
  );
  const shown = FIELDS.filter(
    ({ name, tracked }) => tracked || name in movie.fields || movie.locked.includes(name),
  );
  if (Object.keys(movie.fields).length === 0 && movie.locked.length === 0) {
    return (
      <Card aria-label="Fields">
        {refreshing ? (
          <Empty icon={CloudDownload} title="Being fetched …">
            What the providers know of this movie is shown here in a moment.
          </Empty>
        ) : (
          <Empty icon={Film} title="Nothing is known of this movie yet">
            {movie.identification === 'unidentified'
              ? 'Identify it, then its metadata can be fetched.'
              : 'Refresh its metadata now, or wait for the next run over the library.'}
          </Empty>
        )}
      </Card>
    );
  }
  return (
    <div className="space-y-5">
      {Object.entries(CATEGORIES).map(([category, title]) => (
        <Card key={category} aria-label={title}>
          <CardHeader>
            <CardTitle>{title}</CardTitle>
          </CardHeader>
          <CardContent>
            <dl className="-mb-3 divide-y divide-line">
              {shown
                .filter((field) => field.category === category)
                .map((field) => (
                  <FieldRow key={field.name} movie={movie} field={field} why={why.get(field.name)} />
                ))}
            </dl>
          </CardContent>
        </Card>
      ))}
    </div>
  );
}
