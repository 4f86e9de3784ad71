/** What is shown of a list that is folded after so many entries; a single one is never folded away. */
export const folded = <Entry>(entries: Entry[], shown: number): Entry[] =>
  entries.length > shown + 1 ? entries.slice(0, shown) : entries;
