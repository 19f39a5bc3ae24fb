import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { openProject } from '../../../src/stack/open.js';

export const HOME = fileURLToPath(new URL('../../..', import.meta.url));
export const MANIFEST = 'topology: clever-cloud\nairflow: 2.11.2\n';

export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gather-s3-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A project with these files, as a command opens it. */
export function project(files: Record<string, string>) {
  const folder = emptyFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return openProject(folder, HOME);
}

/** A project with a server of its own. */
export const external = (endpoint: string, env = 'S3_LOGS_SECRET_KEY=secret-of-logs\n') =>
  project({
    'gather.yaml': `${MANIFEST}components: [external-s3]\n`,
    '.env': `S3_ENDPOINT=${endpoint}\n${env}`,
  });

/** What an S3 server would answer. Gives back its port, and the access keys that it was asked with. */
export async function server(answer: RequestListener): Promise<{ port: number; keys: string[] }> {
  const keys: string[] = [];
  const listening = createServer((request, response) => {
    keys.push(/Credential=([^/]*)/.exec(request.headers.authorization ?? '')?.[1] ?? '');
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => listening.once('listening', resolve));
  onTestFinished(() => {
    listening.close();
    listening.closeAllConnections();
  });
  return { port: (listening.address() as AddressInfo).port, keys };
}
