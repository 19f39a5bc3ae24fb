// Clocks, medians, and what containers used: CPU seconds and bytes of memory.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** Runs a command to its end. A command that fails ends the bench: a time of it means nothing. */
export function run(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...options,
  });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Seconds of wall clock that `work` takes, asynchronous or not. */
export async function seconds(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Seconds until `holds` is true, asked every `pause` ms; throws after `limit` seconds. */
export async function secondsUntil(holds, { limit = 400, pause = 100, what = 'it' } = {}) {
  const start = performance.now();
  for (;;) {
    if (await holds()) return (performance.now() - start) / 1000;
    if (performance.now() - start > limit * 1000) throw new Error(`${what} took longer than ${limit} s`);
    await sleep(pause);
  }
}

/** CPU seconds that this machine has used since it started: containers, the engine that makes them, and all else. */
export function cpuOfMachine() {
  const used = cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq);
  return used.reduce((sum, each) => sum + each, 0) / 1000;
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The middle value; of an even count, the mean of the two in the middle. */
export function median(values) {
  if (values.length === 0) throw new Error('a median needs a value');
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** What the containers used so far: CPU seconds, and bytes of memory without page cache that can go. */
export function usage(ids, root = '/sys/fs/cgroup') {
  const each = ids.map((id) => fromCgroup(id, root) ?? fromEngine(id));
  return {
    cpu: each.reduce((sum, { cpu }) => sum + cpu, 0),
    memory: each.reduce((sum, { memory }) => sum + memory, 0),
  };
}

/** One container's figures from its cgroup, version 1 or 2; undefined when this machine does not show it. */
export function fromCgroup(id, root = '/sys/fs/cgroup') {
  const v1 = existsSync(join(root, 'cpuacct'));
  const cpu = folderOf(id, v1 ? join(root, 'cpuacct') : root);
  const memory = v1 ? folderOf(id, join(root, 'memory')) : cpu;
  if (!cpu || !memory) return undefined;
  const read = (folder, file) => readFileSync(join(folder, file), 'utf8');
  const field = (text, name) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  const stat = read(memory, 'memory.stat');
  if (v1)
    return {
      cpu: Number(read(cpu, 'cpuacct.usage')) / 1e9,
      memory: Number(read(memory, 'memory.usage_in_bytes')) - field(stat, 'total_inactive_file'),
    };
  return {
    cpu: field(read(cpu, 'cpu.stat'), 'usage_usec') / 1e6,
    memory: Number(read(memory, 'memory.current')) - field(stat, 'inactive_file'),
  };
}

/** CPU seconds that all containers have used so far, those that are gone too: of the cgroup in which the engine makes theirs. */
export function cpuOfContainers(root = '/sys/fs/cgroup') {
  for (const [file, unit] of [
    ['cpuacct/docker/cpuacct.usage', 1e9],
    ['docker/cpu.stat', 1e6],
  ]) {
    const path = join(root, file);
    if (existsSync(path)) return Number(/\d+/.exec(readFileSync(path, 'utf8'))[0]) / unit;
  }
  throw new Error("the engine has no cgroup `docker` for its containers alone: what they used can't be said");
}

/** The folder whose name holds the container's id: `<id>` (cgroupfs) or `docker-<id>.scope` (systemd). */
function folderOf(id, folder, depth = 0) {
  if (depth > 4 || !existsSync(folder)) return undefined;
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const hit = folders.find(({ name }) => name.includes(id));
  if (hit) return join(folder, hit.name);
  for (const { name } of folders) {
    const found = folderOf(id, join(folder, name), depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** The engine's own figures, over its socket; a container that has ended used nothing that can still be read. */
function fromEngine(id) {
  const socket = (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace('unix://', '');
  const text = run('curl', [
    '-s',
    '--unix-socket',
    socket,
    `http://engine/containers/${id}/stats?stream=false&one-shot=true`,
  ]);
  const stats = JSON.parse(text);
  return {
    cpu: (stats.cpu_stats?.cpu_usage?.total_usage ?? 0) / 1e9,
    memory:
      (stats.memory_stats?.usage ?? 0) -
      (stats.memory_stats?.stats?.inactive_file ?? stats.memory_stats?.stats?.total_inactive_file ?? 0),
  };
}
