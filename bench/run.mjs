// `npm run bench [-- cli render boot]`: every figure side by side in one run, medians and ratios, as a table and as JSON.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HOME = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(HOME, 'dist/main.js');
const rows = [];

/** Runs a command to its end; seconds of wall clock. A command that fails ends the bench: a time of it means nothing. */
function time(command, args, options = {}) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    ...options,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

const gather = (args, options) => time('node', [MAIN, ...args], options);

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Times the sides in turn, A B A B …, so that a machine that gets slower is unfair to none. */
function sideBySide(title, sides, runs) {
  const seconds = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let run = 0; run < runs; run++)
    for (const [name, side] of Object.entries(sides)) seconds[name].push(side());
  const [first] = Object.keys(sides);
  for (const name of Object.keys(sides))
    rows.push({
      figure: title,
      side: name,
      median: median(seconds[name]),
      ratio: median(seconds[name]) / median(seconds[first]),
      runs,
    });
}

function folder() {
  return mkdtempSync(join(tmpdir(), 'gather-bench-'));
}

/** A project with `count` components of its own. */
function projectWith(count) {
  const project = folder();
  mkdirSync(join(project, 'compose/components'), { recursive: true });
  const names = Array.from({ length: count }, (_, i) => `part-${i}`);
  for (const name of names)
    writeFileSync(
      join(project, `compose/components/${name}.yaml`),
      `x-gather:\n  summary: ${name}\nservices:\n  ${name}:\n    image: alpine:3\n    environment: { A: "1" }\n    healthcheck: { test: [CMD, "true"] }\n`,
    );
  writeFileSync(join(project, 'gather.yaml'), `topology: celery\ncomponents: [${names.join(', ')}]\n`);
  return project;
}

function cli() {
  const project = projectWith(0);
  sideBySide(
    'start of the CLI',
    {
      'node -e 0': () => time('node', ['-e', '0']),
      'gather --help': () => gather(['--help']),
      'gather render': () => gather(['render', '--force'], { cwd: project }),
    },
    15,
  );
  rmSync(project, { recursive: true });
}

function render() {
  const projects = Object.fromEntries(
    [1, 10, 100, 1000].map((count) => [`${count} components`, projectWith(count)]),
  );
  const sides = Object.entries(projects).map(([name, cwd]) => [
    name,
    () => gather(['render', '--force'], { cwd }),
  ]);
  sideBySide('gather render by components', Object.fromEntries(sides), 7);
  for (const project of Object.values(projects)) rmSync(project, { recursive: true });
}

function boot() {
  const cwd = folder();
  gather(['init', '--yes'], { cwd });
  gather(['up', '--yes', '--timeout', '600'], { cwd });
  const engine = JSON.parse(
    spawnSync('node', [MAIN, 'engine', 'env', '--output', 'json'], { encoding: 'utf8' }).stdout,
  ).data;
  const env = { ...process.env, ...engine };
  const down = (volumes) => gather(['down', '--yes', ...(volumes ? ['--volumes'] : [])], { cwd });
  const plain = () => time('docker', ['compose', 'up', '--detach', '--wait'], { cwd, env });
  const up = () => gather(['up', '--yes'], { cwd });
  const after = (prepare, run) => () => {
    prepare();
    return run();
  };
  const stop = (volumes) => () => down(volumes);
  sideBySide(
    'cold boot, no volumes',
    { 'docker compose up --wait': after(stop(true), plain), 'gather up': after(stop(true), up) },
    3,
  );
  sideBySide(
    'warm boot',
    { 'docker compose up --wait': after(stop(false), plain), 'gather up': after(stop(false), up) },
    3,
  );
  sideBySide('up of a healthy stack', { 'docker compose up --wait': plain, 'gather up': up }, 5);
  down(true);
  rmSync(cwd, { recursive: true });
}

const parts = { cli, render, boot };
const wanted = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(name)) part();

const widths = [
  Math.max(...rows.map((row) => row.figure.length)),
  Math.max(...rows.map((row) => row.side.length)),
];
for (const row of rows)
  console.error(
    `${row.figure.padEnd(widths[0])}  ${row.side.padEnd(widths[1])}  ${row.median.toFixed(3)} s  ${row.ratio.toFixed(2)}×  (${row.runs} runs)`,
  );
console.log(JSON.stringify(rows, null, 2));
