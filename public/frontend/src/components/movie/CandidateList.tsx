import type { Candidate, MovieDetails } from '@/types/api';

import { CandidateRow } from './CandidateRow';

export interface Choices {
  movie: MovieDetails;
  /** A choice is being carried out. */
  busy: boolean;
  /** TMDB id of that choice. */
  chosen: number | null;
  onChoose: (tmdbId: number) => void;
}

export function CandidateList({ candidates, ...choices }: Choices & { candidates: Candidate[] }) {
  return (
    <ul role="list" className="divide-y divide-line rounded-xl border border-line">
      {candidates.map((candidate) => (
        <CandidateRow key={candidate.tmdbId} candidate={candidate} {...choices} />
      ))}
    </ul>
  );
}
