import { FileUp } from 'lucide-react';
import { type DragEvent, useState } from 'react';

import { cn } from '@/utils/cn';
import { byteSize } from '@/utils/format';

const ACCEPTED = '.csv,.tsv,.txt,.json,.ndjson,.jsonl,text/csv,application/json,application/x-ndjson';

interface DropZoneProps {
  file: File | null;
  disabled: boolean;
  onFile: (file: File) => void;
}

/** Takes a file that is dropped on it, or that is chosen by a press on it. */
export function DropZone({ file, disabled, onFile }: DropZoneProps) {
  const [over, setOver] = useState(false);
  const hover = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setOver(!disabled);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [dropped] = event.dataTransfer.files;
    if (dropped && !disabled) onFile(dropped);
  };
  return (
    // Dropping is a second way beside the input, for a mouse alone.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <label
      onDragEnter={hover}
      onDragOver={hover}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={cn(
        'flex cursor-pointer flex-col items-center gap-2 rounded-xl border-2 border-dashed px-6 py-10 text-center transition-colors has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-brand',
        over ? 'border-brand bg-brand-soft' : 'border-line-strong/60 hover:bg-sunken',
      )}
    >
      <FileUp aria-hidden className="size-7 text-muted" />
      {file ? (
        <span className="max-w-full min-w-0">
          <span className="line-clamp-3 font-medium wrap-anywhere">{file.name}</span>
          <span className="text-xs text-muted">{byteSize(file.size)} · press to choose another one</span>
        </span>
      ) : (
        <span>
          <span className="font-medium">Drop a file here</span>
          <span className="text-muted">, or press to choose one</span>
        </span>
      )}
      <input
        type="file"
        aria-label="File with movies"
        accept={ACCEPTED}
        disabled={disabled}
        className="sr-only"
        onChange={(event) => {
          const [chosen] = event.target.files ?? [];
          if (chosen) onFile(chosen);
          // The same file, mended meanwhile, may be chosen again.
          event.target.value = '';
        }}
      />
    </label>
  );
}
