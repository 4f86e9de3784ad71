import { MapPinOff } from 'lucide-react';
import { Link } from 'react-router';

import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Empty } from '@/components/ui/empty';

export default function NotFoundPage() {
  return (
    <Card>
      <title>Page not found · Metarr</title>
      <h1 className="sr-only">Page not found</h1>
      <Empty
        icon={MapPinOff}
        title="There is nothing at this address"
        actions={
          <Button asChild variant="primary">
            <Link to="/">Go to the dashboard</Link>
          </Button>
        }
      />
    </Card>
  );
}
