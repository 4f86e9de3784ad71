/** Keys of what is cached. A key that begins with another one is invalidated with it. */
export const queryKeys = {
  stats: ['enrichment', 'stats'],
  bulkStatus: ['enrichment', 'bulk-status'],
  movies: ['movies'],
  movie: (movieId: number) => ['movie', movieId],
  movieStatus: (movieId: number) => ['movie', movieId, 'enrichment-status'],
  /** What live messages say of a film's job; never fetched. */
  movieJob: (movieId: number) => ['live', 'movie', movieId],
  job: (jobId: number) => ['job', jobId],
  providers: ['providers'],
  rules: ['rules'],
  activity: ['activity'],
  about: ['about'],
  session: ['session'],
} as const;
