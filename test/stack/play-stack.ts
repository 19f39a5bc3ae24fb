import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Context } from '../../src/commands/command.js';
import type { Engine } from '../../src/engine/engine.js';
import type { Event } from '../../src/output/events.js';
import { Output } from '../../src/output/output.js';
import { EnvFile } from '../../src/project/dotenv.js';
import { init } from '../../src/setup/init.js';
import { foldedWanted, type Wanted } from '../../src/stack/observe/wanted.js';
import { type OpenProject, openProject } from '../../src/stack/open.js';
import { freePort } from '../free-port.js';
import { PLAY_ENGINE } from '../unit-engine/play-engine.js';
import { PlayDocker } from './play-docker.js';
import { type ComposeAnswer, type Served, serveEngine } from './serve-engine.js';

const HOME = fileURLToPath(new URL('../..', import.meta.url));

/** Airflow's health as its API tells it when all is well. */
const HEALTHY = JSON.stringify(
  Object.fromEntries(
    ['metadatabase', 'scheduler', 'triggerer', 'dag_processor'].map((part) => [part, { status: 'healthy' }]),
  ),
);

/**
 * A project of gather's own celery topology whose images are there, and the engine and the Compose that it meets: the engine on a
 * socket, Compose as a program.
 */
export class PlayStack implements Served {
  readonly docker = new PlayDocker('play');
  readonly images = new Set<string>();
  /** What Compose was asked, without the questions for digests. */
  readonly asked: string[] = [];
  /** What `compose up` does. */
  onUp: () => ComposeAnswer | undefined = () => this.comeUp();
  /** What any other command of Compose's says. */
  onOther: () => ComposeAnswer = () => ({});
  readonly events: Event[] = [];
  engine: Engine = PLAY_ENGINE;

  private constructor(
    /** Of the project, the socket and the programs. */
    readonly place: string,
    readonly folder: string,
  ) {
    this.docker.answer = () => ({ stdout: HEALTHY });
  }

  static async start(): Promise<PlayStack> {
    const place = mkdtempSync(join(tmpdir(), 'gather-stack-'));
    const played = new PlayStack(place, join(place, 'project'));
    const { host, close } = await serveEngine(place, played);
    onTestFinished(async () => {
      await close();
      rmSync(place, { recursive: true });
    });
    played.engine = { ...PLAY_ENGINE, host, compose: [played.program(host)], env: { DOCKER_HOST: host } };
    await played.make();
    return played;
  }

  open(): OpenProject {
    return openProject(this.folder, HOME);
  }

  /** Every container that is wanted and not there yet comes up. */
  comeUp(profiles: string[] = []): undefined {
    const wanted = foldedWanted(this.open(), profiles);
    const { replicas, idle, oneShots, networks } = wanted;
    for (const [service, count] of Object.entries(replicas))
      for (let number = 1; number <= count && !idle.has(service); number++) {
        if (this.docker.containers.some((one) => one.service === service && one.number === number)) continue;
        // (addresses that lead nowhere: another program may listen there)
        const own = (networks[service] ?? []).map(({ key, name }) => [name ?? `play_${key}`, '']);
        const id = this.docker.create(service, {
          number,
          networks: Object.fromEntries(own),
          folder: this.folder,
        });
        this.docker.start(id, 'starting');
        if (oneShots.has(service)) this.docker.die(id, 0);
        else this.docker.health(id, 'healthy');
      }
    this.tellDigests([], wanted);
  }

  /** What Compose says of each service's definition. @param changed services of which it is another than their containers have */
  tellDigests(
    changed: string[] = [],
    { replicas }: Pick<Wanted, 'replicas'> = foldedWanted(this.open()),
  ): void {
    const lines = Object.keys(replicas).map(
      (service) => `${service} ${changed.includes(service) ? 'other' : 'hash'}\n`,
    );
    writeFileSync(join(this.place, 'digests'), lines.join(''));
  }

  compose(words: string[]): ComposeAnswer {
    this.asked.push(words.join(' '));
    return words.includes('up') ? (this.onUp() ?? {}) : this.onOther();
  }

  /** What a command of gather's is handed, in this project. */
  context(more: Partial<Context> = {}): Context {
    return {
      folder: this.folder,
      home: HOME,
      output: Object.assign(new Output('text'), { event: (event: Event) => void this.events.push(event) }),
      yes: false,
      interactive: false,
      signal: new AbortController().signal,
      commands: {},
      ...more,
    };
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  /** What a shell has to be told so that gather finds this engine and this Compose. */
  env(): Record<string, string> {
    const plugins = join(this.place, '.docker/cli-plugins');
    if (!existsSync(plugins)) {
      mkdirSync(join(this.place, 'bin'));
      mkdirSync(plugins, { recursive: true });
      this.script('bin/docker', 'exit 1');
      this.script(
        '.docker/cli-plugins/docker-compose',
        `[ "$1" = version ] && exec echo 2.29.7\nexec ${join(this.place, 'compose')} "$@"`,
      );
    }
    return {
      HOME: this.place,
      PATH: `${join(this.place, 'bin')}:/usr/bin:/bin`,
      DOCKER_CONFIG: join(this.place, '.docker'),
      DOCKER_HOST: this.engine.host,
    };
  }

  /** A Compose that knows digests by itself, and hands on whatever else it is asked. */
  private program(host: string): string {
    writeFileSync(join(this.place, 'digests'), '');
    writeFileSync(
      join(this.place, 'ask.cjs'),
      `const request = require('node:http').request(
  { socketPath: ${JSON.stringify(host.slice('unix://'.length))}, path: '/play/compose', method: 'POST' },
  async (reply) => {
    let text = '';
    for await (const chunk of reply) text += chunk;
    const { exitCode = 0, said = '' } = JSON.parse(text);
    process.stderr.write(said);
    process.exitCode = exitCode;
  },
);
request.end(JSON.stringify({ words: process.argv.slice(2) }));
`,
    );
    return this.script(
      'compose',
      `case "$*" in *--hash*) [ -s ${join(this.place, 'digests')} ] && exec cat ${join(this.place, 'digests')}; echo no >&2; exit 1;; esac
exec ${process.execPath} ${join(this.place, 'ask.cjs')} "$@"`,
    );
  }

  private script(path: string, text: string): string {
    const file = join(this.place, path);
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  /** Writes the project's files, with ports on which nobody listens. */
  private async make(): Promise<void> {
    made ??= makeProject();
    const { files, images } = await made;
    for (const [path, { bytes, mode }] of files) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), bytes, { mode });
    }
    for (const name of ['dags', 'plugins', 'config', 'logs'])
      mkdirSync(join(this.folder, name), { recursive: true });
    const env = EnvFile.parse(this.read('.env'), '.env');
    for (const name of ['AIRFLOW_WEB_PORT', 'PROXY_PORT']) env.set(name, String(await freePort()));
    writeFileSync(join(this.folder, '.env'), env.toString());
    for (const image of images) this.images.add(image);
    this.tellDigests();
  }
}

/** A project as `gather init` makes it: its files by their paths, and the images that it names. */
interface Made {
  files: Map<string, { bytes: Buffer; mode: number }>;
  images: string[];
}
/** Made once for all stacks of a process: an init takes a twentieth of a second. */
let made: Promise<Made> | undefined;

async function makeProject(): Promise<Made> {
  const folder = mkdtempSync(join(tmpdir(), 'gather-stack-'));
  try {
    const set = new Map([
      ['COMPOSE_PROJECT_NAME', 'play'],
      ['AIRFLOW_UID', String(process.getuid?.() ?? 0)],
    ]);
    const none = { rotate: new Set<string>(), rederive: new Set<string>() };
    await init({
      folder,
      compose: join(HOME, 'compose'),
      examples: folder,
      topology: 'celery',
      set,
      ...none,
    });
    // a person's own images: there is nothing to pull and to build
    const { images } = openProject(folder, HOME).blueprint;
    const own = images.map(({ variable }) => [variable, `mine/${variable.toLowerCase()}:1`] as const);
    writeFileSync(join(folder, '.env'), own.map(([name, image]) => `${name}=${image}\n`).join(''), {
      flag: 'a',
    });
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const files = paths.flatMap((path) => {
      const stat = statSync(join(folder, path));
      return stat.isFile()
        ? [[path, { bytes: readFileSync(join(folder, path)), mode: stat.mode }] as const]
        : [];
    });
    return { files: new Map(files), images: own.map(([, image]) => image) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
