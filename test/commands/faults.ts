import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { COMMANDS } from '../../src/commands/table.js';
import { findTools } from '../../src/engine/tools.js';
import { init } from '../../src/setup/init.js';
import { HOME } from './play-command.js';
import { playTools } from './play-tools.js';

/** Where commands meet an engine or an Airflow that is broken: a project of its own, and a home with the tools of an engine. */
export interface Scene {
  home: string;
  folder: string;
}

/** Sets it up for the tests of a file. What commands print is nobody's to read. */
export function playScene(variables: Record<string, string> = {}): Scene {
  const home = mkdtempSync(join(tmpdir(), 'gather-faults-'));
  const folder = join(home, 'project');
  beforeAll(async () => {
    await Promise.all(Object.values(COMMANDS).map(({ load }) => load()));
    for (const [name, value] of Object.entries(playTools(home))) vi.stubEnv(name, value);
    // the versions of the tools are kept from now on: no command starts each of them for that
    await findTools('own');
    await init({
      folder,
      compose: join(HOME, 'compose'),
      examples: HOME,
      topology: 'celery',
      set: new Map(Object.entries(variables)),
      rotate: new Set(),
      rederive: new Set(),
    });
  });
  beforeEach(() => {
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  });
  return { home, folder };
}
