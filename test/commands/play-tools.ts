import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Compose as far as an engine that is broken lets it be seen: it asks, and waits for the answer for ever. */
const COMPOSE = `#!${process.execPath}
const words = process.argv.slice(2);
if (words[0] === 'version') console.log('2.29.7');
else if (!words.includes('config'))
  require('node:http')
    .get({ socketPath: process.env.DOCKER_HOST.slice('unix://'.length), path: '/containers/json' }, (reply) => {
      reply.resume().on('end', () => process.exit(reply.statusCode === 200 ? 0 : 1));
    })
    .on('error', (error) => {
      console.error(error.message);
      process.exit(1);
    });
`;

/** The tools that drive an engine, in a home of their own; what a shell has to be told for them. */
export function playTools(home: string): Record<string, string> {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
    chmodSync(join(home, path), 0o755);
  };
  write('bin/docker', '#!/bin/sh\nexit 1\n');
  write('.docker/cli-plugins/docker-compose', COMPOSE);
  write('.docker/cli-plugins/docker-buildx', '#!/bin/sh\necho v0.17.1\n');
  return {
    HOME: home,
    PATH: `${join(home, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`,
    DOCKER_CONFIG: join(home, '.docker'),
    GATHER_ENGINE_DIR: join(home, 'managed'),
  };
}
