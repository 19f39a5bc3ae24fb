// `npm run bench -- [PART …] [--runs N] [--airflow 2.11.2,3.3.2] [--json FILE]`: all sides in one run, as table, JSON and chart.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chart } from './chart.mjs';
import { cleanUp, cleanUpOnSignals } from './clean-up.mjs';
import { parse } from './options.mjs';
import { boot } from './parts/boot.mjs';
import { cli, render } from './parts/cli.mjs';
import { delivery } from './parts/delivery.mjs';
import { eks } from './parts/eks.mjs';
import { floor } from './parts/floor.mjs';
import { idle } from './parts/idle.mjs';
import { local } from './parts/local.mjs';
import { commands, thousand } from './parts/older.mjs';
import { pickup } from './parts/pickup.mjs';
import { requirement } from './parts/requirement.mjs';
import { workers } from './parts/workers.mjs';
import { table } from './report.mjs';
import { useEngine } from './stack.mjs';

const RESULTS = fileURLToPath(new URL('results/', import.meta.url));
/** Parts that are the same for every version of Airflow, and those that are measured on each. */
const ONCE = { cli, render, thousand };
const EACH = { boot, commands, idle, pickup, delivery, requirement, local, workers, floor, eks };

const options = parse(process.argv.slice(2), [...Object.keys(ONCE), ...Object.keys(EACH)]);
const rows = [];
cleanUpOnSignals();
try {
  for (const [name, part] of Object.entries(ONCE)) if (options.parts.includes(name)) await part({ rows });
  const heavy = Object.entries(EACH).filter(([name]) => options.parts.includes(name));
  if (heavy.length > 0) useEngine();
  for (const version of options.airflow)
    for (const [name, part] of heavy) {
      console.error(`${name}, Airflow ${version} …`);
      await part({ version, runs: options.runs, rows });
    }
} catch (error) {
  console.error(error.stack);
  process.exitCode = 1;
} finally {
  cleanUp();
}
if (rows.length > 0) {
  console.error(table(rows));
  const json = `${JSON.stringify({ at: new Date().toISOString(), cores: cpus().length, rows }, null, 2)}\n`;
  mkdirSync(RESULTS, { recursive: true });
  const file = options.json ?? `${RESULTS}latest.json`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, json);
  if (rows.some(({ part }) => part === 'boot')) writeFileSync(`${RESULTS}boot.svg`, chart(rows));
  console.log(json);
}
