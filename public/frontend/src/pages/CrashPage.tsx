import { Bug } from 'lucide-react';

import { Button } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';

/** Shown where a page broke, or where its code could not be loaded because a new version was installed. */
export default function CrashPage() {
  return (
    <Empty
      icon={Bug}
      title="This page could not be shown"
      actions={
        <Button variant="primary" onClick={() => location.reload()}>
          Load it again
        </Button>
      }
    >
      Your library is safe. If Metarr was updated just now, loading the page again is all that is needed.
    </Empty>
  );
}
