import { defineConfig, mergeConfig } from 'vitest/config';

import vite from './vite.config.ts';

export default mergeConfig(
  vite,
  defineConfig({
    test: {
      environment: 'jsdom',
      environmentOptions: { jsdom: { url: 'http://metarr.test/' } },
      setupFiles: ['src/test/setup.ts'],
      // Only what hangs ends by it, on however slow a machine.
      testTimeout: 300_000,
      hookTimeout: 300_000,
      restoreMocks: true,
      unstubGlobals: true,
    },
  }),
);
