import { useCallback } from 'react';

import { useToast } from '@/components/ui/toaster';
import { useImportEnd } from '@/hooks/useImportJob';
import type { Job } from '@/types/api';

import { importEnd } from './importWords';

/** Tells the end of this tab's import, whichever page is shown by then. */
export function ImportWatch() {
  const toast = useToast();
  const tell = useCallback(
    (job: Job) => toast(importEnd(job), job.state === 'completed' ? 'good' : 'bad'),
    [toast],
  );
  useImportEnd(tell);
  return null;
}
