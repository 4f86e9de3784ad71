import { useId, useState } from 'react';

import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { useOwnImport } from '@/hooks/useImportJob';
import { useImportMovies } from '@/hooks/useMovies';

import { DropZone } from './DropZone';
import { ImportJob } from './ImportJob';
import { ImportOutcome } from './ImportOutcome';
import { ImportSending } from './ImportSending';

/** Adds the films of a file, and says what became of each row. */
export function ImportForm() {
  const [file, setFile] = useState<File | null>(null);
  const importing = useImportMovies();
  const { own, forget } = useOwnImport();
  const reason = useId();
  const empty = file?.size === 0;
  const again = () => {
    setFile(null);
    forget();
    importing.reset();
  };
  if (own) return <ImportJob own={own} onAgain={again} />;
  if (importing.data && 'rows' in importing.data) {
    return (
      <>
        <ImportOutcome result={importing.data} />
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
        of Radarr, Jellyfin or Kodi works as it is. Movies that are there already stay as they are.
      </p>
      {file && importing.isPending && <ImportSending file={file} />}
      {empty && <Callout tone="bad">This file is empty: it has no movies to import.</Callout>}
      {importing.error && <Callout tone="bad">{importing.error.message}</Callout>}
      <div className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2">
        {!file && (
          <p id={reason} className="text-xs text-muted">
            Choose a file first.
          </p>
        )}
        <Button
          variant="primary"
          busy={importing.isPending}
          disabled={!file || empty}
          aria-describedby={file ? undefined : reason}
          onClick={() => file && importing.mutate(file)}
        >
          {importing.isPending ? 'Importing …' : 'Import'}
        </Button>
      </div>
    </div>
  );
}
