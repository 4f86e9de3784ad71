import { Search } from 'lucide-react';
import { useId, useState } from 'react';

import { Button } from '@/components/ui/button';
import { Failed } from '@/components/ui/failed';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Skeleton } from '@/components/ui/skeleton';
import { useCandidates } from '@/hooks/useMovies';

import { CandidateList, type Choices } from './CandidateList';

const YEAR = /^(18[7-9]\d|19\d\d|20\d\d|21\d\d)$/;

/** Looks for films of a title at TMDB, once a person asks for it. */
export function CandidateSearch(choices: Choices) {
  const { movie } = choices;
  const [title, setTitle] = useState(movie.title);
  const [year, setYear] = useState(movie.year ? String(movie.year) : '');
  const [wanted, setWanted] = useState({ title: '', year: null as number | null });
  const { data, error, isFetching, refetch } = useCandidates(wanted.title, wanted.year);
  const heading = useId();
  const badYear = year.trim() !== '' && !YEAR.test(year.trim());
  return (
    <section aria-labelledby={heading}>
      <h3 id={heading} className="mb-2 font-medium">
        Search TMDB
      </h3>
      <form
        className="flex flex-wrap items-start gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (title.trim() && !badYear) setWanted({ title: title.trim(), year: Number(year.trim()) || null });
        }}
      >
        <Field label="Title" className="min-w-0 flex-1 basis-56">
          {(input) => <Input {...input} value={title} onChange={(event) => setTitle(event.target.value)} />}
        </Field>
        <Field label="Year" className="w-24" error={badYear ? 'For example 1999' : undefined}>
          {(input) => (
            <Input
              {...input}
              inputMode="numeric"
              value={year}
              onChange={(event) => setYear(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" className="mt-6.5" busy={isFetching} disabled={!title.trim() || badYear}>
          {!isFetching && <Search aria-hidden />} Search
        </Button>
      </form>
      <div aria-live="polite" className="mt-3 empty:hidden">
        {isFetching ? (
          <>
            <span className="sr-only">Searching …</span>
            <Skeleton className="h-24 w-full rounded-xl" />
          </>
        ) : error ? (
          <Failed what="The search failed" error={error} onRetry={() => void refetch()} />
        ) : (
          data &&
          (data.candidates.length > 0 ? (
            <CandidateList {...choices} candidates={data.candidates} />
          ) : (
            <p className="text-muted">
              TMDB knows no movie of this title{wanted.year && ` and year`}. Try fewer words, or leave the
              year out.
            </p>
          ))
        )}
      </div>
    </section>
  );
}
