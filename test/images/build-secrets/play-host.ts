import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Ecosystem, Host } from '../../../src/images/build-secrets/host.js';

export interface PlayHost extends Host {
  folder: string;
  put(path: string, text: string): void;
}

/** A machine in a folder, with the given files (`home/.npmrc`) and environment, that takes Debian from Debian. */
export function playHost(files: Record<string, string> = {}, env: NodeJS.ProcessEnv = {}): PlayHost {
  const folder = mkdtempSync(join(tmpdir(), 'gather-secrets-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [path, text] of Object.entries(files)) put(path, text);
  return {
    folder,
    put,
    env,
    home: join(folder, 'home'),
    etc: join(folder, 'etc'),
    usr: join(folder, 'usr'),
    debianMirror: async () => undefined,
  };
}

/** Id → text of the secrets of one ecosystem. */
export async function secretsOf(ecosystem: Ecosystem, host: Host): Promise<Record<string, string>> {
  const secrets = await ecosystem(host);
  return Object.fromEntries(
    secrets.map((one) => [one.id, 'file' in one ? readFileSync(one.file, 'utf8') : one.text]),
  );
}
