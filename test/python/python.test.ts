import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

// with the machine's own python3, which every Debian has and Airflow's image is built with
test("the Python in Airflow's image, by its own tests", async () => {
  const { exitCode, stderr } = await execa('python3', ['-m', 'unittest', 'discover', '-s', FOLDER], {
    reject: false,
  });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const files = readdirSync(FOLDER).filter((name) => /^test_.*\.py$/.test(name));
  const ran = Number(/^Ran (\d+) tests/m.exec(stderr)?.[1]);
  expect(ran).toBeGreaterThan(files.length);
});
