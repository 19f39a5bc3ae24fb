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
