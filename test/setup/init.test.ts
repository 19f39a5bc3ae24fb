import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { VariableSpec } from '../../src/catalog/schema.js';
import type { Interview } from '../../src/setup/ask.js';
import { init } from '../../src/setup/init.js';

const HOME = fileURLToPath(new URL('../..', import.meta.url));

test('two connections that an answer gives one id are refused, and nothing is written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gather-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const person = {
    variable: async ({ name }: VariableSpec, initial: string) =>
      name === 'S3_DAGS_CONN_ID' ? 's3logs' : initial,
  };
  const request = {
    folder,
    compose: join(HOME, 'compose'),
    examples: HOME,
    topology: 'eks',
    components: ['s3-logs'],
    set: new Map(),
    rotate: new Set<string>(),
    rederive: new Set<string>(),
    interview: person as unknown as Interview,
  };
  await expect(init(request)).rejects.toMatchObject({
    code: 'VARIABLE_INVALID',
    message: expect.stringContaining('both have a connection with the id "s3logs"'),
  });
  expect(readdirSync(folder)).toEqual([]);
});
