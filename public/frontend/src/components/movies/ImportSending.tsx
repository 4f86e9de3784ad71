import { Progress } from '@/components/ui/progress';
import { byteSize } from '@/utils/format';

/** A file is on its way, or its rows are worked on before the answer comes: how far nobody knows. */
export function ImportSending({ file }: { file: File }) {
  return (
    <div className="space-y-2">
      <p role="status" className="line-clamp-3 font-medium wrap-anywhere">
        Importing {file.name} ({byteSize(file.size)}) …
      </p>
      <Progress value={null} label="Import" tone="brand" />
    </div>
  );
}
