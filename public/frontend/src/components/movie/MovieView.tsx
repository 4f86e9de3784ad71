import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';

import { Tabs, TabsContent, TabsList, TabsTrigger } from '@/components/ui/tabs';
import { useToast } from '@/components/ui/toaster';
import { useTriggerEnrichment } from '@/hooks/useEnrichment';
import { useShownJob } from '@/hooks/useShownJob';
import { isGoingOn } from '@/live/movieJob';
import type { MovieDetails } from '@/types/api';
import { titleWithYear } from '@/utils/format';

import { Artwork } from './Artwork';
import { EnrichmentStatusSection } from './EnrichmentStatusSection';
import { IdentifyDialog } from './IdentifyDialog';
import { MovieFields } from './MovieFields';
import { MovieHeader } from './MovieHeader';
import { RemoveDialog } from './RemoveDialog';
import { UnidentifiedNote } from './UnidentifiedNote';

const TABS = ['metadata', 'artwork'];

/** A film of the library: what is known of it, and all that can be done with it. */
export function MovieView({ movie }: { movie: MovieDetails }) {
  const [dialog, setDialog] = useState<'identify' | 'remove' | null>(null);
  const [parameters, setParameters] = useSearchParams();
  const navigate = useNavigate();
  const toast = useToast();
  const refresh = useTriggerEnrichment();
  const job = useShownJob(movie.id);
  const title = titleWithYear(movie.title, movie.year);
  const tab = parameters.get('tab') ?? '';
  const identified = () => {
    setDialog(null);
    refresh.mutate(
      { movieId: movie.id },
      {
        onError: (error) =>
          toast(`Identified, but its refresh could not be started: ${error.message}`, 'bad'),
      },
    );
  };
  const removed = () => {
    toast(`${title} was removed`);
    void navigate('/media/movies');
  };
  const identify = () => setDialog('identify');
  const remove = () => setDialog('remove');
  const toggle = (name: typeof dialog) => (open: boolean) => setDialog(open ? name : null);
  return (
    <>
      <title>{`${title} · Metarr`}</title>
      <MovieHeader movie={movie} onIdentify={identify} onRemove={remove} />
      {movie.identification === 'unidentified' && (
        <UnidentifiedNote movie={movie} onIdentify={identify} onRemove={remove} />
      )}
      <Tabs
        value={TABS.includes(tab) ? tab : 'metadata'}
        onValueChange={(value) => setParameters({ tab: value }, { replace: true, preventScrollReset: true })}
      >
        <TabsList aria-label="About this movie">
          <TabsTrigger value="metadata">Metadata</TabsTrigger>
          <TabsTrigger value="artwork">Artwork</TabsTrigger>
        </TabsList>
        <TabsContent value="metadata">
          <div className="grid items-start gap-5 lg:grid-cols-[22rem_minmax(0,1fr)]">
            <EnrichmentStatusSection movie={movie} job={job} onIdentify={identify} />
            <MovieFields movie={movie} refreshing={isGoingOn(job)} />
          </div>
        </TabsContent>
        <TabsContent value="artwork">
          <Artwork movie={movie} />
        </TabsContent>
      </Tabs>
      <IdentifyDialog
        movie={movie}
        open={dialog === 'identify'}
        onOpenChange={toggle('identify')}
        onIdentified={identified}
      />
      <RemoveDialog
        movie={movie}
        open={dialog === 'remove'}
        onOpenChange={toggle('remove')}
        onRemoved={removed}
      />
    </>
  );
}
