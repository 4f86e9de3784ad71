import { FilterX } from 'lucide-react';
import { Link, useSearchParams } from 'react-router';

import { ActivityList } from '@/components/activity/ActivityList';
import { PageTitle } from '@/components/layout/PageTitle';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Empty } from '@/components/ui/empty';

/** The only type of activity that there is; an address without a type means it too. */
const TYPE = 'bulk_enrichment';

export default function ActivityPage() {
  const type = useSearchParams()[0].get('type') ?? TYPE;
  return (
    <>
      <PageTitle title="Activity" description="Bulk metadata enrichment: every run, newest first" />
      {type === TYPE ? <ActivityList /> : <UnknownType type={type} />}
    </>
  );
}

function UnknownType({ type }: { type: string }) {
  return (
    <Card>
      <Empty
        icon={FilterX}
        title="No activity of this type"
        actions={
          <Button asChild variant="primary">
            <Link to={`/activity/history?type=${TYPE}`}>Show bulk enrichment</Link>
          </Button>
        }
      >
        <span className="wrap-anywhere">Metarr keeps no history of “{type}”.</span>
      </Empty>
    </Card>
  );
}
