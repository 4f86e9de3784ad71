import { Search } from 'lucide-react';
import { type SubmitEvent, useId, useRef, useState } from 'react';

import { CandidateResults, type Wanted } from '@/components/candidates/CandidateResults';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { useAddMovie } from '@/hooks/useMovies';
import { useSameMovie } from '@/hooks/useSameMovie';
import type { AddRequest, MovieSummary } from '@/types/api';
import { ApiError } from '@/utils/api';
import { NO_YEAR, parseYear } from '@/utils/year';

import { AddCandidate } from './AddCandidate';
import { AddOutcome } from './AddOutcome';
import { addRequest, fieldLabel, type Filled, type FormField, formField, NOTHING } from './addRequest';
import { SameMovie } from './SameMovie';

/** Adds a film by its title, its id, or by choosing among those that TMDB knows. */
export function AddMovieForm() {
  const [filled, setFilled] = useState(NOTHING);
  const [wrong, setWrong] = useState<{ field: FormField; error: string } | null>(null);
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const titleInput = useRef<HTMLInputElement>(null);
  const reason = useId();
  const adding = useAddMovie();
  const looking = useSameMovie();
  const [same, setSame] = useState<{ movie: MovieSummary; request: AddRequest } | null>(null);
  const refused = adding.error instanceof ApiError ? formField(adding.error.field) : null;
  const errorAt = (field: FormField) =>
    wrong?.field === field ? wrong.error : refused === field ? fieldError(adding.error) : undefined;

  const fill = (changed: Partial<Filled>) => {
    setFilled({ ...filled, ...changed });
    setWrong(null);
    setSame(null);
    if (adding.isError) adding.reset();
  };
  const add = (request: AddRequest) =>
    adding.mutate(request, {
      onSuccess: ({ result }) => {
        setSame(null);
        if (result !== 'added') return;
        setFilled(NOTHING);
        setWanted(null);
        titleInput.current?.focus();
      },
    });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (adding.isPending || looking.isPending) return;
    const request = addRequest(filled);
    adding.reset();
    if ('error' in request) {
      setWrong(request);
      return;
    }
    setWrong(null);
    setSame(null);
    // The server knows a film again by its ids alone.
    if (request.title === null || request.imdbId !== null || request.tmdbId !== null) {
      add(request);
      return;
    }
    looking.mutate(
      { title: request.title, year: parseYear(filled.year) ?? null },
      {
        // Where it cannot be looked for, the server says what is wrong.
        onSettled: (movie) => (movie ? setSame({ movie, request }) : add(request)),
      },
    );
  };
  const search = () => {
    const year = parseYear(filled.year);
    if (year === undefined) setWrong({ field: 'year', error: NO_YEAR });
    else setWanted({ title: filled.title.trim(), year });
  };
  return (
    <>
      <form noValidate onSubmit={submit} className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_7rem]">
        <Field label="Title" error={errorAt('title')}>
          {(input) => (
            <Input
              {...input}
              ref={titleInput}
              data-autofocus
              dir="auto"
              autoComplete="off"
              value={filled.title}
              onChange={(event) => fill({ title: event.target.value })}
            />
          )}
        </Field>
        <Field label="Year" error={errorAt('year')}>
          {(input) => (
            <Input
              {...input}
              inputMode="numeric"
              autoComplete="off"
              value={filled.year}
              onChange={(event) => fill({ year: event.target.value })}
            />
          )}
        </Field>
        <Field
          label="IMDb or TMDB id"
          hint="Optional: such as tt0133093 or 603, or the address of the movie at imdb.com or themoviedb.org"
          error={errorAt('id')}
          className="sm:col-span-2"
        >
          {(input) => (
            <Input
              {...input}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={filled.id}
              onChange={(event) => fill({ id: event.target.value })}
            />
          )}
        </Field>
        <div className="flex flex-wrap items-center justify-end gap-2 sm:col-span-2">
          {!filled.title.trim() && (
            <p id={reason} className="mr-2 text-xs text-muted">
              To search, enter a title.
            </p>
          )}
          <Button
            disabled={!filled.title.trim()}
            aria-describedby={filled.title.trim() ? undefined : reason}
            onClick={search}
          >
            <Search aria-hidden />
            Search TMDB
          </Button>
          <Button type="submit" variant="primary" busy={(adding.isPending && !same) || looking.isPending}>
            Add movie
          </Button>
        </div>
      </form>
      {same && <SameMovie movie={same.movie} adding={adding.isPending} onAdd={() => add(same.request)} />}
      <AddOutcome movie={adding.data} error={adding.error} shownAtField={refused !== null} />
      <CandidateResults wanted={wanted} hint="You can still add it as it is.">
        {(candidate) => <AddCandidate candidate={candidate} />}
      </CandidateResults>
    </>
  );
}

/** A refusal as a sentence at its field. */
function fieldError(error: Error | null): string | undefined {
  const rejected = error instanceof ApiError && error.code === 'rejected' ? error.field : undefined;
  return rejected ? `${fieldLabel(rejected)}: ${error?.message}` : error?.message;
}
