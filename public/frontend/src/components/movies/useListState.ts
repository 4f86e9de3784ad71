import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

import { type ListState, readState, writeState } from './listState';

/** What the list shows and whether the dialog for adding is open: both are in the address. */
export function useListState() {
  const [address, setAddress] = useSearchParams();
  const state = useMemo(() => readState(address), [address]);
  const change = useCallback(
    (changed: Partial<ListState>, options?: { replace: boolean }) =>
      setAddress((known) => writeState(known, { ...readState(known), ...changed }), options),
    [setAddress],
  );
  const setAdding = (adding: boolean) =>
    setAddress(
      (known) => {
        const next = new URLSearchParams(known);
        if (adding) next.set('add', '1');
        else next.delete('add');
        return next;
      },
      // The list under the dialog stays where it is.
      { replace: true, preventScrollReset: true },
    );
  return { state, change, adding: address.get('add') === '1', setAdding };
}
