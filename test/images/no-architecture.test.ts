import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const HOME = fileURLToPath(new URL('../..', import.meta.url));
const ARCHITECTURE = /\b(amd64|x86[-_]64|x64|arm64|aarch64|arm64v8)\b/i;

test.each(['compose', 'src/images', 'src/engine/managed'])('%s names no processor architecture', (folder) => {
  const files = readdirSync(join(HOME, folder), { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(HOME, folder, file)).isFile(),
  );
  expect(files.length).toBeGreaterThan(5);
  const named = files.filter((file) => ARCHITECTURE.test(readFileSync(join(HOME, folder, file), 'utf8')));
  expect(named).toEqual([]);
});
