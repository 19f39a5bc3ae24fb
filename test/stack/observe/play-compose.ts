import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Stack } from '../../../src/engine/compose.js';
import { PLAY_ENGINE, playEngine } from '../../unit-engine/play-engine.js';
import { playProject } from '../play-project.js';

/** A stack with an override, and a Compose that has merged it to this model; or that refuses it with a text. */
export async function playCompose(
  answer: object | string,
  env = '',
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
  const does =
    typeof answer === 'string'
      ? `console.error(answer); process.exitCode = 15;`
      : `console.log(JSON.stringify(answer));`;
  writeFileSync(
    program,
    `#!${process.execPath}
const { appendFileSync } = require('node:fs');
appendFileSync(${JSON.stringify(log)}, process.argv.slice(2).join(' ') + ' in ' + process.cwd() + ', COMPOSE_FILE ' + process.env.COMPOSE_FILE + '\\n');
const answer = ${JSON.stringify(answer)};
${does}
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
