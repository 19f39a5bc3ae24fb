import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LIMITS } from './limits.js';

/** What an engine says of itself in `/version` and `/info`. */
export interface Answer {
  version: string;
  apiVersion: string;
  os: string;
  /** The name of the system, which tells Docker Desktop and its kind apart: `Docker Desktop`. */
  operatingSystem: string;
  arch: string;
  memoryBytes: number;
  cpus: number;
  rootless: boolean;
  storageDriver: string;
}

export interface DialOptions {
  /** A folder with ca.pem, cert.pem and key.pem; the connection is TLS when given. */
  certPath?: string | undefined;
  /** How long an engine may take to answer. Connecting is given LIMITS.connect of it at most. */
  timeoutMs?: number;
  /** Ends the question. */
  signal?: AbortSignal | undefined;
}

interface VersionReply {
  Version?: string;
  ApiVersion?: string;
  Os?: string;
}
interface InfoReply {
  OperatingSystem?: string;
  OSType?: string;
  Architecture?: string;
  MemTotal?: number;
  NCPU?: number;
  SecurityOptions?: string[] | null;
  Driver?: string;
}

/**
 * Asks the engine at `host` who it is. Plain node:http, because loading dockerode costs 100 ms and a repeated `up`
 * has to be over in half a second.
 * @throws Error whose message says in a few words why there was no answer
 */
export async function dial(host: string, options: DialOptions = {}): Promise<Answer> {
  if (host.startsWith('ssh://')) return dialBySsh(host, options.signal);
  const [version, info] = await Promise.all([
    getJson<VersionReply>(host, '/version', options),
    getJson<InfoReply>(host, '/info', options),
  ]);
  if (version.Version === undefined || version.ApiVersion === undefined) {
    throw new Error('something answers there, but it is not a Docker Engine');
  }
  return toAnswer(version, info);
}

/** True when an engine answers `/_ping`. */
export async function pings(host: string, timeoutMs = 1000): Promise<boolean> {
  return get(host, '/_ping', { timeoutMs }).then(
    () => true,
    () => false,
  );
}

/** GETs `path` of the Engine API and parses the reply. */
export async function getJson<T>(host: string, path: string, options: DialOptions = {}): Promise<T> {
  const body = await get(host, path, options);
  try {
    return JSON.parse(body) as T;
  } catch {
    throw new Error('something answers there, but it is not a Docker Engine');
  }
}

function get(
  host: string,
  path: string,
  { certPath, timeoutMs = LIMITS.dial, signal }: DialOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const target = { ...requestOptions(host, path, certPath), ...(signal && { signal }) };
    const send = certPath === undefined ? httpRequest : httpsRequest;
    const request = send(target, (reply) => readBody(reply).then(resolve, reject));
    const answerTimer = setTimeout(
      () => request.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    const connectMs = Math.min(LIMITS.connect, timeoutMs);
    const connectTimer = setTimeout(
      () => request.destroy(new Error(`no connection in ${connectMs / 1000} s`)),
      connectMs,
    );
    request.on('socket', (socket) => socket.once('connect', () => clearTimeout(connectTimer)));
    request.on('close', () => {
      clearTimeout(answerTimer);
      clearTimeout(connectTimer);
    });
    request.on('error', (error) => reject(new Error(describe(error), { cause: error })));
    request.end();
  });
}

function requestOptions(host: string, path: string, certPath: string | undefined): RequestOptions {
  const common = { path, agent: false as const, headers: { Host: 'docker' } };
  if (host.startsWith('unix://')) return { ...common, socketPath: host.slice('unix://'.length) };
  if (host.startsWith('npipe://')) return { ...common, socketPath: host.slice('npipe://'.length) };
  let url: URL;
  try {
    url = new URL(host.replace(/^tcp:/, 'http:'));
  } catch {
    throw new Error('this is not an address such as unix:///var/run/docker.sock or tcp://127.0.0.1:2375');
  }
  const address = { ...common, host: url.hostname, port: url.port || (certPath === undefined ? 2375 : 2376) };
  if (certPath === undefined) return address;
  const pem = (name: string) => readFileSync(join(certPath, name));
  return { ...address, ca: pem('ca.pem'), cert: pem('cert.pem'), key: pem('key.pem') } as RequestOptions;
}

async function readBody(reply: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of reply.setEncoding('utf8')) body += chunk;
  if (reply.statusCode !== 200) throw new Error(`it answered with HTTP status ${reply.statusCode}`);
  return body;
}

function describe(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no such socket';
  if (error.code === 'ECONNREFUSED') return 'nothing listens there';
  if (error.code === 'EACCES' || error.code === 'EPERM') return 'permission denied';
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') return 'the name of the machine is not known';
  return error.message;
}

/** Node has no ssh client, and docker's own knows the user's keys and ~/.ssh/config. */
async function dialBySsh(host: string, signal: AbortSignal | undefined): Promise<Answer> {
  const ask = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('docker', ['--host', host, ...args], { timeout: 15_000, signal })).stdout;
  try {
    const [version, info] = await Promise.all([
      ask('version', '--format', '{{json .Server}}'),
      ask('info', '--format', '{{json .}}'),
    ]);
    return toAnswer(JSON.parse(version) as VersionReply, JSON.parse(info) as InfoReply);
  } catch (error) {
    throw new Error('`docker version` does not get an answer over ssh', { cause: error });
  }
}

function toAnswer(version: VersionReply, info: InfoReply): Answer {
  return {
    version: version.Version ?? '0',
    apiVersion: version.ApiVersion ?? '0',
    os: info.OSType ?? version.Os ?? 'unknown',
    operatingSystem: info.OperatingSystem ?? '',
    arch: info.Architecture ?? '',
    memoryBytes: info.MemTotal ?? 0,
    cpus: info.NCPU ?? 0,
    rootless: (info.SecurityOptions ?? []).some((option) => option.includes('name=rootless')),
    storageDriver: info.Driver ?? '',
  };
}
