import { useEffect, useState } from 'react';

import { aboutApi } from '@/utils/api';
import type { LazyCode } from '@/utils/lazyCode';

/** Loads code when the component is first shown. */
export function useLazyCode<Module>(code: LazyCode<Module>) {
  const [module, setModule] = useState(code.module);
  const [state, setState] = useState<'loading' | 'failed' | 'retrying'>('loading');
  useEffect(() => {
    if (module || state === 'failed') return;
    let gone = false;
    const load = state === 'retrying' ? loadOrStartAnew(code) : code.load();
    load.then(
      (loaded) => gone || setModule(loaded),
      () => gone || setState('failed'),
    );
    return () => {
      gone = true;
    };
  }, [code, module, state]);
  return {
    module,
    failed: state !== 'loading',
    retrying: state === 'retrying',
    retry: () => setState('retrying'),
  };
}

/** Where Metarr answers and the code is not there, it was updated: the page as a whole is of the old version. */
async function loadOrStartAnew<Module>(code: LazyCode<Module>): Promise<Module> {
  try {
    return await code.load();
  } catch (error) {
    await aboutApi.get();
    location.reload();
    throw error;
  }
}
