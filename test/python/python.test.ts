import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const hasPython = (process.env.PATH ?? '')
  .split(delimiter)
  .some((folder) => existsSync(join(folder, 'python3')));

// on a machine without Python there is nothing that could run them; CI has it
test.runIf(hasPython || process.env.CI)(
  "the Python in Airflow's image, by its own tests",
  { timeout: 60_000 },
  async () => {
    const { exitCode, stderr } = await execa('python3', ['-m', 'unittest', 'discover', '-s', FOLDER], {
      reject: false,
    });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const files = readdirSync(FOLDER).filter((name) => /^test_.*\.py$/.test(name));
    const ran = Number(/^Ran (\d+) tests/m.exec(stderr)?.[1]);
    expect(ran).toBeGreaterThan(files.length);
  },
);
