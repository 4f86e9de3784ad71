import { Fragment, type ReactNode } from 'react';

import type { Candidate } from '@/types/api';

interface CandidateListProps {
  candidates: Candidate[];
  /** The row of a candidate. */
  children: (candidate: Candidate) => ReactNode;
}

export function CandidateList({ candidates, children }: CandidateListProps) {
  return (
    <ul role="list" className="divide-y divide-line rounded-xl border border-line">
      {candidates.map((candidate) => (
        <Fragment key={candidate.tmdbId}>{children(candidate)}</Fragment>
      ))}
    </ul>
  );
}
