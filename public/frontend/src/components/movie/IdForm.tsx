import { type ReactNode, useState } from 'react';

import { type FoundId, parseId } from '@/components/movies/parseIds';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';

interface IdFormProps {
  busy: boolean;
  /** Why the id was not accepted. */
  error: ReactNode;
  onChoose: (ids: FoundId) => void;
  onChange: () => void;
}

/** For whoever knows the id: typed, or pasted with the address that it stands in. */
export function IdForm({ busy, error, onChoose, onChange }: IdFormProps) {
  const [text, setText] = useState('');
  const [refused, setRefused] = useState(false);
  return (
    <form
      className="flex flex-wrap items-start gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        const ids = parseId(text);
        setRefused(!ids);
        if (ids) onChoose(ids);
      }}
    >
      <Field
        label="Paste an id"
        className="min-w-0 flex-1 basis-56"
        hint="An id or address of IMDb or TMDB, for example tt0133093"
        error={refused ? 'This is no id or address of a movie at IMDb or TMDB' : error}
      >
        {(input) => (
          <Input
            {...input}
            value={text}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => {
              setText(event.target.value);
              setRefused(false);
              onChange();
            }}
          />
        )}
      </Field>
      <Button type="submit" className="mt-6.5" busy={busy} disabled={!text.trim()}>
        Use this id
      </Button>
    </form>
  );
}
