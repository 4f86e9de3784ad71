import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { useImportMovies } from '@/hooks/useMovies';

import { DropZone } from './DropZone';
import { ImportJob } from './ImportJob';
import { ImportOutcome } from './ImportOutcome';

/** Adds the films of a file, and says what became of each row. */
export function ImportForm() {
  const [file, setFile] = useState<File | null>(null);
  const importing = useImportMovies();
  const again = () => {
    setFile(null);
    importing.reset();
  };
  if (importing.data) {
    return (
      <>
        {'jobId' in importing.data ? (
          <ImportJob jobId={importing.data.jobId} />
        ) : (
          <ImportOutcome result={importing.data} />
        )}
        <div className="mt-4 flex justify-end">
          <Button onClick={again}>Import another file</Button>
        </div>
      </>
    );
  }
  return (
    <div className="space-y-4">
      <DropZone
        file={file}
        disabled={importing.isPending}
        onFile={(chosen) => {
          setFile(chosen);
          importing.reset();
        }}
      />
      <p className="text-xs text-muted">
        CSV with a header line, JSON or newline-delimited JSON, with title, year, imdbId or tmdbId. An export
        of Radarr works as it is. Movies that are there already stay as they are.
      </p>
      {importing.error && <Callout tone="bad">{importing.error.message}</Callout>}
      <div className="flex justify-end">
        <Button
          variant="primary"
          busy={importing.isPending}
          disabled={!file || importing.isPending}
          title={file ? undefined : 'Choose a file first'}
          onClick={() => file && importing.mutate(file)}
        >
          {importing.isPending ? 'Importing …' : 'Import'}
        </Button>
      </div>
    </div>
  );
}
