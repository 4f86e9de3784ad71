import { useState } from 'react';

import { CandidateList } from '@/components/candidates/CandidateList';
import { Callout } from '@/components/ui/callout';
import { Dialog, DialogContent } from '@/components/ui/dialog';
import { useIdentifyMovie } from '@/hooks/useMovies';
import type { Candidate, IdentifyRequest, MovieDetails } from '@/types/api';
import { titleWithYear } from '@/utils/format';

import { CandidateSearch } from './CandidateSearch';
import { ChooseCandidate } from './ChooseCandidate';
import { IdentifyConflict } from './IdentifyConflict';
import { IdForm } from './IdForm';

/** Where in the dialog a film was chosen. */
type Way = 'suggestions' | 'search' | 'id';

interface IdentifyDialogProps {
  movie: MovieDetails;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onIdentified: () => void;
}

/** A person says which film it is: one that was suggested, one that is searched for, or one whose id they know. */
export function IdentifyDialog({ movie, open, onOpenChange, onIdentified }: IdentifyDialogProps) {
  const identify = useIdentifyMovie(movie.id);
  const [chosenIn, setChosenIn] = useState<Way | null>(null);
  const choose = (way: Way, ids: IdentifyRequest) => {
    setChosenIn(way);
    identify.mutate(ids, { onSuccess: onIdentified });
  };
  // What was refused is past as soon as something else is looked for.
  const forget = () => identify.isError && identify.reset();
  const conflict = identify.error && <IdentifyConflict error={identify.error} />;
  const rowIn = (way: Way) => (candidate: Candidate) => (
    <ChooseCandidate
      candidate={candidate}
      movie={movie}
      busy={identify.isPending}
      chosen={identify.isPending ? (identify.variables.tmdbId ?? null) : null}
      onChoose={(tmdbId) => choose(way, { imdbId: null, tmdbId })}
    />
  );
  const refusedIn = (way: Way) =>
    conflict && chosenIn === way ? (
      <Callout tone="bad" className="mt-3">
        {conflict}
      </Callout>
    ) : null;
  return (
    <Dialog
      open={open}
      onOpenChange={(wanted) => {
        // What follows is begun here: it would be lost.
        if (identify.isPending) return;
        identify.reset();
        onOpenChange(wanted);
      }}
    >
      <DialogContent
        wide
        title={`Identify “${titleWithYear(movie.title, movie.year)}”`}
        description="Choose which movie this is. Its metadata is fetched then."
      >
        <div className="space-y-6">
          {movie.identification === 'identified' && (
            <Callout tone="warn">
              It is identified already. If you choose another movie, values that were fetched for the old one
              are dropped; your own and locked values stay.
            </Callout>
          )}
          {movie.candidates.length > 0 && (
            <section aria-labelledby="identify-suggestions">
              <h3 id="identify-suggestions" className="mb-2 font-medium">
                Suggestions
              </h3>
              <CandidateList candidates={movie.candidates}>{rowIn('suggestions')}</CandidateList>
              {refusedIn('suggestions')}
            </section>
          )}
          <div>
            <CandidateSearch movie={movie} onChange={forget}>
              {rowIn('search')}
            </CandidateSearch>
            {refusedIn('search')}
          </div>
          <IdForm
            busy={identify.isPending}
            error={chosenIn === 'id' && conflict ? <span role="alert">{conflict}</span> : null}
            onChoose={(ids) => choose('id', { imdbId: null, tmdbId: null, ...ids })}
            onChange={forget}
          />
        </div>
      </DialogContent>
    </Dialog>
  );
}
