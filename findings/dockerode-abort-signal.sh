#!/usr/bin/env bash
# dockerode 5.0.1: `abortSignal` ends the inspect of a container and of a volume, and not that of an image and of a network.
#
# A good guess: an option that docker-modem has for every request is taken by each method of dockerode that takes options. Seen: with an
# engine that accepts and stays silent, most questions fail as soon as the signal is aborted; image.inspect and network.inspect with the same
# option still wait. Whoever bounds calls to a frozen engine that way waits for ever in these two, and nothing says so.
# What gather does: it puts such questions to docker-modem itself (src/engine/api.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts dockerode@5.0.1 >/dev/null
cat >probe.mjs <<'JS'
import { createServer } from 'node:http';
import { join } from 'node:path';
import Docker from 'dockerode';

const socketPath = join(process.cwd(), 'engine.sock');
const server = createServer(() => {}); // it takes a request and never answers
await new Promise((resolve) => server.listen(socketPath, resolve));
const docker = new Docker({ socketPath });

/** `ended` when the call is over soon after its signal was aborted, else `waits`. */
async function afterAbort(call) {
  const stop = new AbortController();
  const done = call({ abortSignal: stop.signal }).then(
    () => 'ended',
    () => 'ended',
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  stop.abort();
  return Promise.race([done, new Promise((resolve) => setTimeout(resolve, 1500, 'waits'))]);
}

const questions = {
  'container.inspect': (options) => docker.getContainer('a').inspect(options),
  'network.inspect': (options) => docker.getNetwork('a').inspect(options),
  'volume.inspect': (options) => docker.getVolume('a').inspect(options),
  'image.inspect': (options) => docker.getImage('a').inspect(options),
  listImages: (options) => docker.listImages(options),
  info: (options) => docker.info(options),
  version: (options) => docker.version(options),
};
const seen = {};
for (const [name, ask] of Object.entries(questions)) seen[name] = await afterAbort(ask);
console.log(JSON.stringify(seen));
process.exit(0);
JS
wanted='{"container.inspect":"ended","network.inspect":"waits","volume.inspect":"ended","image.inspect":"waits","listImages":"ended","info":"ended","version":"ended"}'
seen=$(node probe.mjs)
echo "dockerode 5.0.1: $seen"
[ "$seen" = "$wanted" ] || { echo "changed: it was $wanted"; exit 1; }
