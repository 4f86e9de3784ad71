import { Clapperboard } from 'lucide-react';
import { Link } from 'react-router';

import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Empty } from '@/components/ui/empty';

/** Stands in the place of a film that is not there, or not any more. */
export function MovieGone({ title }: { title: string }) {
  return (
    <Card>
      <title>Movie not found · Metarr</title>
      <h1 className="sr-only">Movie not found</h1>
      <div role="status">
        <Empty
          icon={Clapperboard}
          title={title}
          actions={
            <Button asChild variant="primary">
              <Link to="/media/movies">Go to the movies</Link>
            </Button>
          }
        />
      </div>
    </Card>
  );
}
