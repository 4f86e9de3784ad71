import { X } from 'lucide-react';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { useImportJob } from '@/hooks/useImportJob';

import { importEnd, importProgress } from './importWords';

interface ImportNoteProps {
  jobId: number;
  onShow: () => void;
  onDismiss: () => void;
}

/** Over the list: the import that was begun here, and the way back to its report. */
export function ImportNote({ jobId, onShow, onDismiss }: ImportNoteProps) {
  const { data: job, ended } = useImportJob(jobId);
  const progress = job && !ended && importProgress(job);
  return (
    <Callout
      tone={!ended ? 'info' : job?.state === 'completed' ? 'good' : 'warn'}
      className="mb-4"
      more={progress && <span className="tabular-nums">: {progress}</span>}
      actions={
        <div className="flex gap-1">
          <Button size="sm" onClick={onShow}>
            {ended ? 'Show report' : 'Show import'}
          </Button>
          {ended && (
            <Button variant="ghost" size="icon" aria-label="Dismiss" onClick={onDismiss}>
              <X aria-hidden />
            </Button>
          )}
        </div>
      }
    >
      {job && ended ? importEnd(job) : 'An import goes on'}
    </Callout>
  );
}
