import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog, DialogClose, DialogContent } from '@/components/ui/dialog';
import { useRemoveMovie } from '@/hooks/useMovies';
import type { MovieDetails } from '@/types/api';
import { ApiError } from '@/utils/api';
import { titleWithYear } from '@/utils/format';

interface RemoveDialogProps {
  movie: MovieDetails;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onRemoved: () => void;
}

/** Asks before a film leaves the library. */
export function RemoveDialog({ movie, open, onOpenChange, onRemoved }: RemoveDialogProps) {
  const remove = useRemoveMovie();
  const confirm = () =>
    remove.mutate(movie.id, {
      onSuccess: onRemoved,
      // Somebody was faster: it is gone, as was wanted.
      onError: (error) => error instanceof ApiError && error.status === 404 && onRemoved(),
    });
  return (
    <Dialog
      open={open}
      onOpenChange={(wanted) => {
        // What follows is begun here: it would be lost.
        if (remove.isPending) return;
        remove.reset();
        onOpenChange(wanted);
      }}
    >
      <DialogContent
        title={`Remove “${titleWithYear(movie.title, movie.year)}”?`}
        description="The movie leaves the library, with everything that was fetched for it and your own values. Your video files are not touched."
        footer={
          <>
            <DialogClose asChild>
              <Button aria-disabled={remove.isPending}>Cancel</Button>
            </DialogClose>
            <Button variant="danger" busy={remove.isPending} onClick={confirm}>
              Remove
            </Button>
          </>
        }
      >
        {remove.error ? (
          <Callout tone="bad">
            <p className="font-medium">The movie could not be removed</p>
            <p className="mt-0.5 text-xs">{remove.error.message}</p>
          </Callout>
        ) : undefined}
      </DialogContent>
    </Dialog>
  );
}
