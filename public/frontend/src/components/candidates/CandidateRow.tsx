import type { ReactNode } from 'react';

import { Picture } from '@/components/movie/Picture';
import type { Candidate } from '@/types/api';
import { candidatePosterUrl } from '@/utils/api';
import { titleWithYear } from '@/utils/format';

interface CandidateRowProps {
  candidate: Candidate;
  /** Why it could not be had. */
  error?: string | undefined;
  /** The button, or what stands in its place. */
  action: ReactNode;
}

/** A film at TMDB, with what tells it apart from others of its title. */
export function CandidateRow({ candidate, error, action }: CandidateRowProps) {
  const { title, originalTitle, year, overview, poster } = candidate;
  return (
    <li className="flex flex-wrap gap-x-4 gap-y-3 p-3 sm:flex-nowrap">
      <Picture
        src={poster ? candidatePosterUrl(poster, 154) : null}
        alt=""
        className="aspect-2/3 w-14 shrink-0 self-start"
      />
      <div className="min-w-0 flex-1 basis-48">
        <p dir="auto" className="font-medium wrap-anywhere">
          {titleWithYear(title, year)}
        </p>
        {originalTitle && originalTitle !== title && (
          <p dir="auto" className="text-xs wrap-anywhere text-muted">
            {originalTitle}
          </p>
        )}
        {overview && <p className="mt-1 line-clamp-3 text-xs text-pretty text-muted">{overview}</p>}
        {error !== undefined && (
          <p role="status" className="mt-1 text-xs text-bad-ink">
            {error}
          </p>
        )}
      </div>
      <div className="ml-auto shrink-0 self-center">{action}</div>
    </li>
  );
}
