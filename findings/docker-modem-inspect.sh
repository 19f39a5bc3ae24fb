#!/usr/bin/env bash
# docker-modem 5.0.7 (dockerode 5.0.1): describes each request in full for its debug log, whether or not anybody reads it.
#
# A good guess: a debug log costs nothing while it is off. Seen: util.inspect(options, { showHidden: true, depth: null }) is called for every
# request; of an http.Agent of one's own, with its sockets and their parsers, it takes milliseconds, the more the more requests are under way.
# What gather does: its agent says how it is to be described (src/engine/client-options.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts dockerode@5.0.1 docker-modem@5.0.7 >/dev/null
cat >probe.mjs <<'JS'
import { Agent, createServer } from 'node:http';
import { join } from 'node:path';
import { inspect } from 'node:util';
import Docker from 'dockerode';

const socketPath = join(process.cwd(), 'engine.sock');
const server = createServer((_, reply) => reply.end('OK'));
await new Promise((resolve) => server.listen(socketPath, resolve));

/** CPU of a ping in ms, ten at once. */
async function costOf(agent) {
  const docker = new Docker({ socketPath, agent });
  const pings = () => Promise.all(Array.from({ length: 10 }, () => docker.ping()));
  await pings();
  const before = process.cpuUsage();
  for (let i = 0; i < 20; i++) await pings();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 1000 / 200).toFixed(2);
}

console.log('no agent       ', await costOf(undefined), 'ms');
console.log('an agent       ', await costOf(new Agent({ keepAlive: false })), 'ms');
const brief = Object.assign(new Agent({ keepAlive: false }), { [inspect.custom]: () => 'Agent' });
console.log('one that is brief', await costOf(brief), 'ms');
server.close();
JS
node probe.mjs
