import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { SlowImagesLast } from './test/engine/sequencer.js';

const onAnEngine = {
  globalSetup: ['test/engine/setup.ts'],
  fileParallelism: false,
  testTimeout: 300_000,
  hookTimeout: 600_000,
};

export default defineConfig({
  test: {
    sequence: { sequencer: SlowImagesLast },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/engine/**', 'test/nightly/**'],
          // gather's modules are loaded once: no test leaves anything behind in them
          isolate: false,
          // a machine that is busy with other work is no fault
          testTimeout: 60_000,
          setupFiles: ['test/without-flush.ts'],
          maxWorkers: 2,
          alias: [
            {
              find: /^\.\/parsed-yaml\.js$/,
              replacement: fileURLToPath(new URL('test/parsed-yaml.ts', import.meta.url)),
            },
          ],
        },
      },
      { test: { name: 'engine', include: ['test/engine/**/*.test.ts'], ...onAnEngine } },
      // every version of Airflow that gather knows, and every topology: an hour and a half
      {
        test: {
          name: 'nightly',
          include: ['test/nightly/**/*.test.ts'],
          ...onAnEngine,
          testTimeout: 900_000,
        },
      },
    ],
  },
});
