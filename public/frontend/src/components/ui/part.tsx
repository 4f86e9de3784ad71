import type { ComponentType, ReactNode } from 'react';

import { useLazyCode } from '@/hooks/useLazyCode';
import { LazyCode } from '@/utils/lazyCode';

import { Failed } from './failed';

interface Places {
  /** Stands there until the code has come. */
  loading: ReactNode;
  /** Around the message that it could not be loaded. */
  failed: (message: ReactNode) => ReactNode;
  /** What it is, as the message says it, for example "This page". */
  name: string;
}

/** A component whose code is loaded when it is first shown. Where that fails its place says so, and the rest stays. */
export function part<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
  { loading, failed, name }: Places,
) {
  const code = new LazyCode(load);
  function Part(props: Props) {
    const { module, failed: hasFailed, retrying, retry } = useLazyCode(code);
    if (module) return <module.default {...props} />;
    if (!hasFailed) return loading;
    return failed(
      <Failed what={`${name} could not be loaded`} error={REASON} onRetry={retry} retrying={retrying} />,
    );
  }
  return Object.assign(Part, { load: code.load, preload: code.preload });
}

const REASON = new Error('Metarr does not answer, or it was updated just now.');
