import { Search } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';

import { CandidateResults, type Wanted } from '@/components/candidates/CandidateResults';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import type { Candidate, MovieDetails } from '@/types/api';
import { NO_YEAR, parseYear } from '@/utils/year';

interface CandidateSearchProps {
  movie: MovieDetails;
  /** Something else is looked for. */
  onChange: () => void;
  /** The row of a candidate. */
  children: (candidate: Candidate) => ReactNode;
}

/** Looks for films of a title at TMDB, once a person asks for it. */
export function CandidateSearch({ movie, onChange, children }: CandidateSearchProps) {
  const [title, setTitle] = useState(movie.title);
  const [year, setYear] = useState(movie.year ? String(movie.year) : '');
  const [badYear, setBadYear] = useState(false);
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const heading = useId();
  return (
    <section aria-labelledby={heading}>
      <h3 id={heading} className="mb-2 font-medium">
        Search TMDB
      </h3>
      <form
        className="flex flex-wrap items-start gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          onChange();
          const wantedYear = parseYear(year);
          setBadYear(wantedYear === undefined);
          if (title.trim() && wantedYear !== undefined) setWanted({ title: title.trim(), year: wantedYear });
        }}
      >
        <Field label="Title" className="min-w-0 flex-1 basis-56">
          {(input) => (
            <Input
              {...input}
              dir="auto"
              autoComplete="off"
              value={title}
              onChange={(event) => {
                setTitle(event.target.value);
                onChange();
              }}
            />
          )}
        </Field>
        <Field label="Year" className="w-28" error={badYear ? NO_YEAR : undefined}>
          {(input) => (
            <Input
              {...input}
              inputMode="numeric"
              autoComplete="off"
              value={year}
              onChange={(event) => {
                setYear(event.target.value);
                onChange();
                setBadYear(false);
              }}
            />
          )}
        </Field>
        <Button type="submit" className="mt-6.5" disabled={!title.trim()}>
          <Search aria-hidden /> Search
        </Button>
      </form>
      <CandidateResults wanted={wanted} hint="Try fewer words, or leave the year out.">
        {children}
      </CandidateResults>
    </section>
  );
}
