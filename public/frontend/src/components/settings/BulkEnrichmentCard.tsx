import { LoaderCircle, TriangleAlert } from 'lucide-react';
import { Link } from 'react-router';

import { Button } from '@/components/ui/button';
import { Card, CardContent, CardHeader, CardTitle } from '@/components/ui/card';
import { Failed } from '@/components/ui/failed';
import { useBulkStatus } from '@/hooks/useEnrichment';
import { useKeptFocus } from '@/hooks/useKeptFocus';

import { BulkEnrichmentLoading } from './BulkEnrichmentLoading';
import { IdleRun } from './IdleRun';
import { RunNow } from './RunNow';
import { RunningRun } from './RunningRun';

const TITLE_ID = 'bulk-enrichment';

/** The run over the whole library: when it is due, how far it is, how the last one ended. */
export function BulkEnrichmentCard() {
  const { data: status, dataUpdatedAt, error, isFetching, refetch } = useBulkStatus();
  const run = status?.currentRun;
  const { title, watch } = useKeptFocus(run?.jobId);
  return (
    <Card aria-labelledby={TITLE_ID} {...watch}>
      <CardHeader>
        <CardTitle id={TITLE_ID} ref={title} tabIndex={-1} className="outline-none">
          Bulk Metadata Enrichment
        </CardTitle>
        {run && <LoaderCircle aria-hidden className="size-5 animate-spin text-brand-ink" />}
        {!run && status?.lastRun?.status === 'partial' && (
          <TriangleAlert aria-hidden className="size-5 text-warn-ink" />
        )}
      </CardHeader>
      <CardContent>
        {!status && error && (
          <Failed
            what="Failed to load bulk enrichment status"
            error={error}
            retrying={isFetching}
            onRetry={() => void refetch()}
          />
        )}
        {!status && !error && <BulkEnrichmentLoading />}
        {status && run && <RunningRun run={run} updatedAt={dataUpdatedAt} />}
        {status && !run && (
          <>
            <IdleRun status={status} />
            <div className="mt-6 flex flex-wrap items-start gap-2">
              <RunNow status={status} />
              <Button asChild>
                <Link to="/activity/history?type=bulk_enrichment">View History</Link>
              </Button>
            </div>
          </>
        )}
      </CardContent>
    </Card>
  );
}
