import { Search, X } from 'lucide-react';
import { useEffect, useState } from 'react';

import { Button } from '@/components/ui/button';
import { Input } from '@/components/ui/input';

import { normalSearch } from './listState';

/** A person who types on is not interrupted. */
const PAUSE_MS = 250;

interface SearchInputProps {
  /** What is searched for. */
  search: string;
  onSearch: (search: string) => void;
}

/** Searches when a person pauses; not while an input method still puts a word together. */
export function SearchInput({ search, onSearch }: SearchInputProps) {
  const [text, setText] = useState(search);
  const [composing, setComposing] = useState(false);
  const [shown, setShown] = useState(search);
  const [asked, setAsked] = useState(search);
  // A search that came from elsewhere, such as "back", is shown; one's own does not touch what is being typed.
  if (search !== shown) {
    setShown(search);
    if (search !== asked) setText(search);
    setAsked(search);
  }
  const wanted = normalSearch(text);

  useEffect(() => {
    if (composing || wanted === search) return;
    const timer = setTimeout(() => {
      setAsked(wanted);
      onSearch(wanted);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [composing, wanted, search, onSearch]);

  const clear = () => {
    setText('');
    setAsked('');
    if (search) onSearch('');
  };
  return (
    <div className="relative">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted"
      />
      <Input
        role="searchbox"
        aria-label="Search movies"
        placeholder="Search by title"
        enterKeyHint="search"
        autoComplete="off"
        spellCheck={false}
        className="pr-10 pl-9"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onCompositionStart={() => setComposing(true)}
        onCompositionEnd={() => setComposing(false)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || event.nativeEvent.isComposing || !text) return;
          event.preventDefault();
          clear();
        }}
      />
      {text && (
        <Button
          variant="ghost"
          size="icon"
          aria-label="Clear search"
          className="absolute top-0 right-0"
          onClick={clear}
        >
          <X aria-hidden />
        </Button>
      )}
    </div>
  );
}
