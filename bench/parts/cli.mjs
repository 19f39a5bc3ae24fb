// Start of the CLI, and `gather render` by the number of components.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, run, seconds } from '../measure.mjs';
import { MAIN } from '../stack.mjs';

const gather = (args) => seconds(() => run('node', [MAIN, ...args]));

/** Times the sides in turn, A B A B …, so that a machine that gets slower is unfair to none. */
async function sideBySide(part, figure, sides, runs, rows) {
  const times = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let turn = 0; turn < runs; turn++)
    for (const [name, side] of Object.entries(sides)) times[name].push(await side());
  const first = median(Object.values(times)[0]);
  for (const [side, values] of Object.entries(times))
    rows.push({ part, figure, side, value: median(values), unit: 's', ratio: median(values) / first, runs });
}

/** Renders a project with the gather of `main`. */
export const renderWith = (main, cwd) => run('node', [main, 'render', '--force'], { cwd });

/** A project with `count` components of its own. */
export function projectWith(count) {
  const project = mkdtempSync(join(tmpdir(), 'gather-bench-'));
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

export async function cli({ rows }) {
  const cwd = projectWith(0);
  const sides = {
    'node -e 0': () => seconds(() => run('node', ['-e', '0'])),
    'gather --help': () => gather(['--help']),
    'gather render': () => seconds(() => renderWith(MAIN, cwd)),
  };
  await sideBySide('cli', 'start of the CLI', sides, 15, rows);
  rmSync(cwd, { recursive: true });
}

export async function render({ rows }) {
  const projects = [1, 10, 100, 1000].map((count) => [`${count} components`, projectWith(count)]);
  const sides = projects.map(([name, cwd]) => [name, () => seconds(() => renderWith(MAIN, cwd))]);
  await sideBySide('render', 'gather render by components', Object.fromEntries(sides), 7, rows);
  for (const [, project] of projects) rmSync(project, { recursive: true });
}
