import { ExternalLink } from 'lucide-react';
import type { ReactNode } from 'react';

import { Badge } from '@/components/ui/badge';
import { count, date, duration, languageName, percent, rating } from '@/utils/format';

import { CastList } from './CastList';

/** A field's value as a person reads it. Pictures are shown elsewhere. */
export function FieldContent({ name, value }: { name: string; value: unknown }): ReactNode {
  if (typeof value === 'number') return ofNumber(name, value);
  if (typeof value === 'string') return ofText(name, value);
  if (!Array.isArray(value)) return JSON.stringify(value);
  if (name === 'cast') return <CastList cast={value} />;
  const texts = value.map(String);
  return name === 'genres' ? <Genres genres={texts} /> : texts.join(', ');
}

function ofNumber(name: string, value: number): string {
  switch (name) {
    case 'runtime':
      return duration(value * 60);
    case 'imdb_rating':
    case 'tmdb_rating':
      return `${rating(value)} / 10`;
    case 'rotten_tomatoes_score':
      return percent(value);
    case 'metacritic_score':
      return `${value} / 100`;
    case 'year':
      return String(value);
    default:
      return count(value);
  }
}

function ofText(name: string, value: string): ReactNode {
  switch (name) {
    case 'release_date':
      return Number.isNaN(Date.parse(value)) ? value : date(value);
    case 'original_language':
      return languageName(value);
    case 'trailer':
      return <TrailerLink address={value} />;
    default:
      return <span className="whitespace-pre-line">{value}</span>;
  }
}

function TrailerLink({ address }: { address: string }) {
  if (!URL.canParse(address) || new URL(address).protocol !== 'https:') return address;
  const { hostname } = new URL(address);
  return (
    <a
      href={address}
      rel="noreferrer"
      target="_blank"
      className="inline-flex items-center gap-1.5 rounded-sm font-medium text-brand-ink underline-offset-2 hover:underline"
    >
      Watch on {hostname.replace(/^www\./, '')}
      <ExternalLink aria-hidden className="size-3.5" />
    </a>
  );
}

function Genres({ genres }: { genres: string[] }) {
  return (
    <ul role="list" className="flex flex-wrap gap-1.5">
      {genres.map((genre) => (
        <li key={genre}>
          <Badge>{genre}</Badge>
        </li>
      ))}
    </ul>
  );
}
