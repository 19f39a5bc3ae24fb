import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Stack } from '../../../src/engine/compose.js';
import { shellQuoted } from '../../../src/output/quoting.js';
import { PLAY_ENGINE, playEngine } from '../../unit-engine/play-engine.js';
import { playProject } from '../play-project.js';

/**
 * A stack with an override, and a Compose that has merged it to this model; or that refuses it with a text.
 * @param withoutValues what it refuses it with as long as it is asked for it without values
 */
export async function playCompose(
  answer: object | string,
  env = '',
  withoutValues = '',
): Promise<{ stack: Stack; asked: () => string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'gather-compose-'));
  const { host, close } = await playEngine(folder);
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, 'compose.override.yaml'), 'services: {}\n');
  const program = join(folder, 'compose');
  const log = join(folder, 'asked.log');
  const refuse = (text: string) => `{ echo ${shellQuoted(text)} >&2; exit 15; }`;
  const says = typeof answer === 'string' ? refuse(answer) : `echo ${shellQuoted(JSON.stringify(answer))}`;
  writeFileSync(
    program,
    `#!/bin/sh
echo "$* in $(pwd), COMPOSE_FILE \${COMPOSE_FILE-undefined}" >>${shellQuoted(log)}
${withoutValues && `case "$*" in *--no-interpolate*) ${refuse(withoutValues)};; esac`}
${says}
`,
  );
  chmodSync(program, 0o755);
  writeFileSync(log, '');
  const engine = { ...PLAY_ENGINE, host, compose: [program] };
  return {
    stack: { engine, project: playProject(env, folder), profiles: [], signal: undefined },
    asked: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
  };
}
