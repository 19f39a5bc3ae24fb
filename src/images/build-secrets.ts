import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { debianMirror } from '../machine/apt.js';

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
const GO_VARIABLES = ['GOPROXY', 'GOSUMDB', 'GONOSUMDB', 'GOPRIVATE', 'GOINSECURE', 'GOFLAGS'];
/** BuildKit passes these on without keeping them in the image: https://docs.docker.com/build/building/variables/ */
const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/**
 * What a build on this machine needs to get out into the world: its CA bundle, settings of pip, uv and Go, apt mirror and
 * proxies. Returns the arguments for BuildKit, in which no value stands; the values are in files of the machine, or in new
 * ones in `folder`.
 */
export async function collectSecrets(
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string[]> {
  mkdirSync(folder, { mode: 0o700 });
  const args: string[] = [];
  const secret = (id: string, file: string) => args.push('--secret', `id=${id},src=${file}`);
  const write = (id: string, text: string) => {
    const file = join(folder, id);
    writeFileSync(file, text, { mode: 0o600 });
    secret(id, file);
  };

  const ca = [...CA_VARIABLES.map((name) => env[name]), ...CA_FILES].find((file) => file && isReadable(file));
  if (ca) secret('ca', ca);
  const python = indexSettings(env);
  if (python) write('python-env', python);
  const go = goSettings(env);
  if (go) write('go-env', go);
  const netrc = env.NETRC ?? join(homedir(), '.netrc');
  if (isReadable(netrc)) secret('netrc', netrc);
  const sources = await aptSources();
  if (sources) write('apt-sources', sources);
  const conf = aptSettings();
  if (conf) write('apt-conf', conf);
  // without a value, docker takes it from the environment
  for (const name of PROXY_VARIABLES) if (env[name]) args.push('--build-arg', name);
  return args;
}

/** `export NAME='value'` lines for a shell. */
function exports(settings: Iterable<[string, string]>): string {
  return [...settings].map(([name, value]) => `export ${name}='${value.replace(/'/g, "'\\''")}'\n`).join('');
}

/** For each setting that says where Go gets modules: from the environment, else from the file of `go env -w`. */
function goSettings(env: NodeJS.ProcessEnv): string {
  const config = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config');
  const written = readIf(env.GOENV || join(config, 'go/env')).matchAll(/^(\w+)=(.*)$/gm);
  const file = new Map([...written].map(([, name = '', value = '']): [string, string] => [name, value]));
  return exports(
    GO_VARIABLES.flatMap((name): [string, string][] => {
      const value = env[name] || file.get(name);
      return value ? [[name, value]] : [];
    }),
  );
}

/** `export` for each setting of pip and uv: from the environment, else from pip's own files. */
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
  return exports(settings);
}

function pipFile(file: string): [string, string][] {
  const wanted = readIf(file).matchAll(/^\s*(index-url|extra-index-url|trusted-host)\s*[=:]\s*(\S.*?)\s*$/gm);
  return [...wanted].map(([, key = '', value = '']) => [
    `PIP_${key.toUpperCase().replace(/-/g, '_')}`,
    value,
  ]);
}

/** The host's own Debian mirror for Debian 12, when it has another one than Debian's. */
async function aptSources(): Promise<string | undefined> {
  const mirror = await hostMirror();
  if (!mirror) return undefined;
  return `deb ${mirror} bookworm main\ndeb ${mirror} bookworm-updates main\n`;
}

/** The address from which this machine takes Debian's packages, when it is not Debian's own. */
export async function hostMirror(): Promise<string | undefined> {
  const mirror = process.env.GATHER_APT_MIRROR || (await debianMirror());
  return mirror && !/^https?:\/\/deb\.debian\.org\/debian$/.test(mirror) ? mirror : undefined;
}

/** Proxies and logins of the host's apt. */
export function aptSettings(etc = '/etc/apt'): string {
  const parts = namesIn(join(etc, 'apt.conf.d')).map((name) => join(etc, 'apt.conf.d', name));
  return [join(etc, 'apt.conf'), ...parts]
    .map(readIf)
    .flatMap((text) => [
      ...text.matchAll(
        /^\s*(Acquire::(?:http|https)(?:::[^\s"]*)?::Proxy(?:::\S+)?\s+"[^"]*";|Acquire::Check-(?:Valid-Until|Date)\s+"[^"]*";)/gim,
      ),
    ])
    .map((match) => `${match[1]}\n`)
    .join('');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** The text of a file; nothing when it is missing, a folder, or not for our eyes. */
function readIf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** BuildKit takes files only, and fails on one that it cannot read. */
function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
