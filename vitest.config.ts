import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { SlowImagesLast } from './test/engine/sequencer.js';

const onAnEngine = {
  globalSetup: ['test/engine/setup.ts'],
  fileParallelism: false,
  testTimeout: 300_000,
  hookTimeout: 600_000,
};

/** What brings a stack up and says how it is: of each file there, unit tests alone run so many percent of the lines. */
const WELL_KNOWN = { lines: 85 };

export default defineConfig({
  test: {
    // npm run test:coverage
    coverage: {
      include: ['src/**'],
      reporter: [['text', { skipFull: true }]],
      thresholds: {
        perFile: true,
        'src/airflow/rotate-fernet.ts': WELL_KNOWN,
        'src/commands/{status,up}.ts': WELL_KNOWN,
        'src/images/{ensure,plan}.ts': WELL_KNOWN,
        'src/setup/write-project.ts': WELL_KNOWN,
        'src/stack/{observe,ready,up}/**': WELL_KNOWN,
      },
    },
    // what was transformed for one run is there for the next
    experimental: { fsModuleCache: true },
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
          // a fifth of their time would be files and folders that a disk makes and forgets
          env: existsSync('/dev/shm') ? { TMPDIR: '/dev/shm' } : {},
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
