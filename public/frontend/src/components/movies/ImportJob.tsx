import { Announcement } from '@/components/ui/announcement';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Failed } from '@/components/ui/failed';
import { Progress } from '@/components/ui/progress';
import { type OwnImport, useImportJob, useImportRows } from '@/hooks/useImportJob';
import { percent } from '@/utils/format';

import { ImportReport } from './ImportReport';
import { importProgress } from './importWords';

/** A long import, which goes on whether anybody watches or not. */
export function ImportJob({ own, onAgain }: { own: OwnImport; onAgain: () => void }) {
  const { jobId, ignoredColumns = [] } = own;
  const { data: job, error, refetch, isFetching, ended } = useImportJob(jobId);
  const rows = useImportRows(jobId, ended);
  if (!ended) {
    const progress = job && importProgress(job);
    return (
      <div className="space-y-3 py-4">
        <p className="font-medium tabular-nums">{progress ?? 'The import waits for its turn …'}</p>
        <Announcement text={progress ? `Import: ${percent(job.progress)}` : 'The import waits'} />
        <Progress value={job?.progress ?? 0} label="Import" tone="brand" />
        <p className="text-muted">The import goes on in the background: you may close this.</p>
        {error && !job && (
          <Failed
            what="The progress could not be read"
            error={error}
            onRetry={() => void refetch()}
            retrying={isFetching}
          />
        )}
      </div>
    );
  }
  return (
    <>
      {job?.state === 'failed' && (
        <Callout tone="bad" className="mb-4">
          {job.error ?? 'The import failed'}
        </Callout>
      )}
      {job?.state === 'cancelled' && (
        <Callout tone="warn" className="mb-4">
          The import was cancelled. What was added before stays.
        </Callout>
      )}
      {job?.report && (
        <ImportReport
          counts={job.report.counts}
          ignoredColumns={ignoredColumns}
          rows={rows.data?.pages.flatMap(({ report }) => report?.rows ?? []) ?? job.report.rows}
          {...(rows.hasNextPage && { onMore: () => void rows.fetchNextPage() })}
          loading={rows.isFetchingNextPage}
        />
      )}
      {rows.error && (
        <div className="mt-3">
          <Failed
            what="The rest of the report could not be loaded"
            error={rows.error}
            onRetry={() => void (rows.data ? rows.fetchNextPage() : rows.refetch())}
            retrying={rows.isFetching}
          />
        </div>
      )}
      <div className="mt-4 flex justify-end">
        <Button onClick={onAgain}>Import another file</Button>
      </div>
    </>
  );
}
