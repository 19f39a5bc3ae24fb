import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a build on this machine needs to get out into the world, as BuildKit secrets: ids and the files that hold them. */
export interface BuildSecrets {
  args: string[];
  /** Removes the files that were written for it. */
  dispose(): void;
}

const CA_VARIABLES = [
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'CURL_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
];
const CA_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];
const INDEX_VARIABLES =
  /^(PIP_(INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|NO_INDEX)|UV_(INDEX_URL|DEFAULT_INDEX|INDEX|EXTRA_INDEX_URL|INSECURE_HOST|INDEX_STRATEGY|INDEX_[A-Z0-9_]+_(USERNAME|PASSWORD))|UV_HTTP_TIMEOUT)$/;
/** BuildKit passes these on without keeping them in the image: https://docs.docker.com/build/building/variables/ */
const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/** Collects the host's CA bundle, package index settings, apt mirror and proxies. No value stands in the arguments. */
export function collectSecrets(env: NodeJS.ProcessEnv = process.env): BuildSecrets {
  const folder = mkdtempSync(join(tmpdir(), 'gather-build-'));
  const args: string[] = [];
  const secret = (id: string, file: string) => args.push('--secret', `id=${id},src=${file}`);
  const write = (id: string, text: string) => {
    const file = join(folder, id);
    writeFileSync(file, text, { mode: 0o600 });
    secret(id, file);
  };

  const ca = [...CA_VARIABLES.map((name) => env[name]), ...CA_FILES].find((file) => file && existsSync(file));
  if (ca) secret('ca', ca);
  const python = indexSettings(env);
  if (python) write('python-env', python);
  const netrc = env.NETRC ?? join(homedir(), '.netrc');
  if (existsSync(netrc)) secret('netrc', netrc);
  const sources = aptSources();
  if (sources) write('apt-sources', sources);
  const conf = aptSettings();
  if (conf) write('apt-conf', conf);
  // without a value, docker takes it from the environment
  for (const name of PROXY_VARIABLES) if (env[name]) args.push('--build-arg', name);
  return { args, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

/** `export NAME='value'` for each setting of pip and uv: from the environment, else from pip's own files. */
function indexSettings(env: NodeJS.ProcessEnv): string {
  const settings = new Map<string, string>();
  for (const file of [
    '/etc/pip.conf',
    join(homedir(), '.config/pip/pip.conf'),
    join(homedir(), '.pip/pip.conf'),
    env.PIP_CONFIG_FILE ?? '',
  ])
    for (const [key, value] of pipFile(file)) settings.set(key, value);
  for (const [name, value] of Object.entries(env))
    if (value && INDEX_VARIABLES.test(name)) settings.set(name, value);
  // uv reads names of its own
  const index = settings.get('PIP_INDEX_URL');
  if (index && !settings.has('UV_INDEX_URL') && !settings.has('UV_DEFAULT_INDEX'))
    settings.set('UV_DEFAULT_INDEX', index);
  const extra = settings.get('PIP_EXTRA_INDEX_URL');
  if (extra && !settings.has('UV_EXTRA_INDEX_URL') && !settings.has('UV_INDEX'))
    settings.set('UV_INDEX', extra);
  return [...settings].map(([name, value]) => `export ${name}='${value.replace(/'/g, "'\\''")}'\n`).join('');
}

function pipFile(file: string): [string, string][] {
  if (!file || !existsSync(file)) return [];
  const wanted = readFileSync(file, 'utf8').matchAll(
    /^\s*(index-url|extra-index-url|trusted-host)\s*[=:]\s*(\S.*?)\s*$/gm,
  );
  return [...wanted].map(([, key = '', value = '']) => [
    `PIP_${key.toUpperCase().replace(/-/g, '_')}`,
    value,
  ]);
}

/** The host's own Debian mirror for Debian 12, when it has another one than Debian's. */
function aptSources(): string | undefined {
  const mirror = hostMirror();
  if (!mirror) return undefined;
  return `deb ${mirror} bookworm main\ndeb ${mirror} bookworm-updates main\n`;
}

/** The address from which this machine takes Debian's packages, when it is not Debian's own. */
export function hostMirror(): string | undefined {
  if (process.env.GATHER_APT_MIRROR) return process.env.GATHER_APT_MIRROR;
  if (!existsSync('/etc/debian_version') || !/^ID=debian$/m.test(readIf('/etc/os-release'))) return undefined;
  const folder = '/etc/apt/sources.list.d';
  const texts = [
    readIf('/etc/apt/sources.list'),
    ...(existsSync(folder)
      ? readdirSync(folder)
          .sort()
          .map((name) => readIf(join(folder, name)))
      : []),
  ];
  const addresses = texts.flatMap((text) => [
    ...[...text.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+\S+\s+(?:\S+\s+)*main\b/gm)].map(
      (match) => match[1] ?? '',
    ),
    ...[...text.matchAll(/^URIs:\s*(\S+)/gm)].map((match) => match[1] ?? ''),
  ]);
  const debian = addresses.filter((address) => /\/debian\/?$/.test(address));
  const first = debian[0]?.replace(/\/$/, '');
  return first === undefined || /^https?:\/\/deb\.debian\.org\/debian$/.test(first) ? undefined : first;
}

/** Proxies and logins of the host's apt. */
function aptSettings(): string {
  const folder = '/etc/apt/apt.conf.d';
  if (!existsSync(folder)) return '';
  const texts = [
    readIf('/etc/apt/apt.conf'),
    ...readdirSync(folder)
      .sort()
      .map((name) => readIf(join(folder, name))),
  ];
  return texts
    .flatMap((text) => [
      ...text.matchAll(
        /^\s*(Acquire::(?:http|https)(?:::[^\s"]*)?::Proxy(?:::\S+)?\s+"[^"]*";|Acquire::Check-(?:Valid-Until|Date)\s+"[^"]*";)/gim,
      ),
    ])
    .map((match) => `${match[1]}\n`)
    .join('');
}

function readIf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
