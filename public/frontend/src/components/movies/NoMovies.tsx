import { Clapperboard, SearchX } from 'lucide-react';

import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Empty } from '@/components/ui/empty';

interface NoMoviesProps {
  /** A search or a filter leaves no film; else the library has none. */
  narrowed: boolean;
  onClear: () => void;
  onAdd: () => void;
}

export function NoMovies({ narrowed, onClear, onAdd }: NoMoviesProps) {
  return (
    <Card>
      {narrowed ? (
        <Empty
          icon={SearchX}
          title="No movies match"
          actions={<Button onClick={onClear}>Clear filters</Button>}
        >
          No movie of your library fits this search and these filters.
        </Empty>
      ) : (
        <Empty
          icon={Clapperboard}
          title="No movies in library"
          actions={
            <Button variant="primary" onClick={onAdd}>
              Add movies
            </Button>
          }
        >
          Add a single movie, or a whole list from a file.
        </Empty>
      )}
    </Card>
  );
}
