import { Plus } from 'lucide-react';
import { useCallback, useState } from 'react';

import { PageTitle } from '@/components/layout/PageTitle';
import { ImportNote } from '@/components/movies/ImportNote';
import { ListControls } from '@/components/movies/ListControls';
import { DEFAULTS, isNarrowed, parametersOf } from '@/components/movies/listState';
import { LoadingTable } from '@/components/movies/LoadingTable';
import { MovieTable } from '@/components/movies/MovieTable';
import { NoMovies } from '@/components/movies/NoMovies';
import { useRowHeight } from '@/components/movies/rowLook';
import { useListState } from '@/components/movies/useListState';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Dialog, DialogContent, DialogTrigger } from '@/components/ui/dialog';
import { Failed } from '@/components/ui/failed';
import { part } from '@/components/ui/part';
import { useOwnImport } from '@/hooks/useImportJob';
import { type MovieList, useIsImporting, useMovies } from '@/hooks/useMovies';
import { count } from '@/utils/format';
import type { PageRange } from '@/utils/paging';

const AddMovies = part(() => import('@/components/movies/AddMovies'), {
  name: 'This dialog',
  loading: null,
  failed: (message) => <DialogContent title="Add movies">{message}</DialogContent>,
});

/** The library as a list. */
export default function MoviesPage() {
  const { state, change, adding, setAdding } = useListState();
  const [visible, setVisible] = useState<PageRange | null>(null);
  const list = useMovies(parametersOf(state), visible);
  const height = useRowHeight();
  const { own, forget } = useOwnImport();
  const importing = useIsImporting();
  // Words that are being typed are no steps to go back to one by one.
  const search = useCallback((text: string) => change({ search: text }, { replace: true }), [change]);
  const showPages = useCallback(
    (pages: PageRange) =>
      setVisible((known) => (known?.first === pages.first && known.last === pages.last ? known : pages)),
    [],
  );
  const { filter, missing } = DEFAULTS;
  return (
    <>
      <PageTitle
        title="Movies"
        description={
          <span className="inline-block min-h-5 tabular-nums">{countText(list, isNarrowed(state))}</span>
        }
        actions={
          <Dialog open={adding} onOpenChange={(open) => (open || !importing) && setAdding(open)}>
            <DialogTrigger asChild>
              <Button variant="primary" onPointerEnter={AddMovies.preload} onFocus={AddMovies.preload}>
                <Plus aria-hidden />
                Add movies
              </Button>
            </DialogTrigger>
            {adding && <AddMovies />}
          </Dialog>
        }
      />
      {own && !adding && <ImportNote jobId={own.jobId} onShow={() => setAdding(true)} onDismiss={forget} />}
      <ListControls state={state} onChange={change} onSearch={search} />
      <ListAnnouncement list={list} narrowed={isNarrowed(state)} />
      {list.total === null ? (
        <NotYet list={list} height={height} />
      ) : list.total === 0 && list.count === 0 ? (
        <NoMovies
          narrowed={isNarrowed(state)}
          onClear={() => change({ filter, missing, search: '' })}
          onAdd={() => setAdding(true)}
        />
      ) : (
        <MovieTable
          // Another list, or other heights, begin anew.
          key={`${list.id} ${height}`}
          list={list}
          state={state}
          height={height}
          onChange={change}
          onVisible={showPages}
        />
      )}
    </>
  );
}

function NotYet({ list: { failure }, height }: { list: MovieList; height: number }) {
  if (!failure) return <LoadingTable height={height} />;
  return (
    <Card className="p-4">
      <Failed
        what="Failed to load movies"
        error={failure.error}
        onRetry={failure.retry}
        retrying={failure.retrying}
      />
    </Card>
  );
}

/** Says what a person has found; not how the number moves while they look at it, as it does during a run. */
function ListAnnouncement({ list, narrowed }: { list: MovieList; narrowed: boolean }) {
  const [told, setTold] = useState({ id: '', text: '' });
  if (list.total !== null && !list.changing && told.id !== list.id) {
    const where = narrowed ? 'your search' : 'in your library';
    setTold({ id: list.id, text: `${countText(list, narrowed)} ${where}` });
  }
  return (
    <p role="status" className="sr-only">
      {list.changing ? 'Searching for movies …' : told.text}
    </p>
  );
}

function countText({ total, changing }: MovieList, narrowed: boolean): string {
  if (total === null || changing) return total === null ? '' : 'Searching …';
  const movies = total === 1 ? '1 movie' : `${count(total)} movies`;
  return narrowed ? `${movies} ${total === 1 ? 'matches' : 'match'}` : movies;
}
