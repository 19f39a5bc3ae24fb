import { shellQuoted } from '../output/quoting.js';
import type { ReadyModel } from './model/ready.js';
import type { ProbeSpec, QuickProbe } from './schema.js';

/** How long a container may take for an answer, in seconds; a check by the engine gets a second more. */
const ANSWER_SECONDS = 4;

/** How often the engine asks: seldom once the service is healthy, often while it starts (Engine 25 knows start_interval). */
const HEALTHCHECK = {
  interval: '30s',
  timeout: `${ANSWER_SECONDS + 1}s`,
  retries: 3,
  start_period: '30s',
  start_interval: '300ms',
};

/** The check of a boot and of `gather status`: a command in the container, and over TCP the cheaper question of a repeated `up`. */
export function probeOf(ready: ReadyModel): ProbeSpec {
  const quick = quickOf(ready);
  const http = overHttp(ready);
  return {
    service: ready.service,
    command: commandOf(ready),
    ...(ready.http?.json && Object.keys(ready.http.json).length ? { json: ready.http.json } : {}),
    ...(ready.says === undefined ? {} : { says: ready.says }),
    ...(quick && { quick }),
    // what stands in the answer is more than that there is one
    ...(ready.http?.json ? {} : { same_as_healthcheck: true }),
    ...(http && { http }),
  };
}

/**
 * The health check of a service with a `ready` line: its own where it has one, with the derived `test` where that is all it lacks.
 * Undefined where there is none to write.
 */
export function healthcheckOf(
  ready: ReadyModel | undefined,
  own: unknown,
): Record<string, unknown> | undefined {
  if (!ready) return undefined;
  if (typeof own === 'object' && own !== null) {
    const written = own as Record<string, unknown>;
    return 'test' in written || 'disable' in written
      ? written
      : { test: ['CMD', ...commandOf(ready)], ...HEALTHCHECK, ...written };
  }
  return own === undefined ? { test: ['CMD', ...commandOf(ready)], ...HEALTHCHECK } : undefined;
}

/** argv in the container; `$$` is a `$`, as Compose has it. */
function commandOf({ exec, http, tcp }: ReadyModel): string[] {
  if (exec?.length) return exec;
  if (http) return httpCommand(http);
  return tcp ? tcpCommand(tcp) : [];
}

/**
 * curl, or wget where the image has only that, as those of busybox have. wget takes a refusal for no answer whatever is wanted, and
 * keeps its body to itself.
 */
function httpCommand({ port, path, status, json, why }: NonNullable<ReadyModel['http']>): string[] {
  // (the address, not the name: where that is ::1 first, wget of busybox asks no further)
  const address = shellQuoted(`http://127.0.0.1:${port}${path}`);
  const body = json || why;
  const curl = [
    'curl --silent --show-error',
    ...(json || status === 'any' ? [] : [why ? '--fail-with-body' : '--fail']),
    ...(body ? [] : ['--output /dev/null']),
    `--max-time ${ANSWER_SECONDS} ${address}`,
  ];
  const wget = `wget -q -T ${ANSWER_SECONDS} -O ${body ? '-' : '/dev/null'} ${address}`;
  return ['sh', '-c', `if command -v curl >/dev/null; then exec ${curl.join(' ')}; fi; exec ${wget}`];
}

/** bash alone: an image with a server for some other protocol often has no client. */
function tcpCommand({ port, send, answer }: NonNullable<ReadyModel['tcp']>): string[] {
  const says = send === undefined ? '' : ` && printf '${printable(send)}' >&3`;
  const hears =
    answer === undefined
      ? 'read -r -n 1 <&3'
      : `read -r line <&3 && [[ $$line == *'${answer.replace(/'/g, `'\\''`)}'* ]]`;
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port}${says}${send === undefined && answer === undefined ? '' : ` && ${hears}`}`;
  return ['timeout', String(ANSWER_SECONDS - 1), 'bash', '-c', script];
}

/** As printf takes it between single quotes. */
function printable(bytes: string): string {
  const named: Record<string, string> = {
    '\r': '\\r',
    '\n': '\\n',
    '\\': '\\\\',
    '%': '%%',
    $: '$$',
    "'": '\\047',
  };
  return [...bytes]
    .map((one) => {
      const code = one.charCodeAt(0);
      return named[one] ?? (code < 32 || code > 126 ? `\\${code.toString(8).padStart(3, '0')}` : one);
    })
    .join('');
}

/** Of what is sent over TCP, a request of HTTP. */
const GET = /^GET (\S+) HTTP\/1/;

function overHttp({ http, tcp }: ReadyModel): ProbeSpec['http'] {
  if (http) return { port: http.port, path: http.path, ...(http.status && { status: http.status }) };
  const path = GET.exec(tcp?.send ?? '')?.[1];
  return tcp && path ? { port: tcp.port, path } : undefined;
}

function quickOf({ service, http, tcp }: ReadyModel): QuickProbe | undefined {
  if (http) {
    const path = http.every ?? http.path;
    return {
      port: http.port,
      send: `GET ${path} HTTP/1.0\r\nHost: ${service}\r\n\r\n`,
      ...(http.status === 'any' ? {} : { answer: ' 200 ' }),
    };
  }
  if (!tcp?.send) return undefined;
  return { port: tcp.port, send: tcp.send, ...(tcp.answer === undefined ? {} : { answer: tcp.answer }) };
}
