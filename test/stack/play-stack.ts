import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Context } from '../../src/commands/command.js';
import type { Engine } from '../../src/engine/engine.js';
import type { Event } from '../../src/output/events.js';
import { Output } from '../../src/output/output.js';
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

  static async start(settings: Record<string, string> = {}): Promise<PlayStack> {
    const place = mkdtempSync(join(tmpdir(), 'gather-stack-'));
    const played = new PlayStack(place, join(place, 'project'));
    const { host, close } = await serveEngine(place, played);
    onTestFinished(async () => {
      await close();
      rmSync(place, { recursive: true });
    });
    played.engine = { ...PLAY_ENGINE, host, compose: [played.program(host)], env: { DOCKER_HOST: host } };
    await played.make(settings);
    return played;
  }

  open(): OpenProject {
    return openProject(this.folder, HOME);
  }

  wanted(profiles: string[] = []): Wanted {
    return foldedWanted(this.open(), profiles);
  }

  /** Every container that is wanted and not there yet comes up. */
  comeUp(profiles: string[] = []): undefined {
    const { replicas, idle, oneShots, networks } = this.wanted(profiles);
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
    this.tellDigests();
  }

  /** What Compose says of each service's definition. @param changed services of which it is another than their containers have */
  tellDigests(changed: string[] = []): void {
    const lines = Object.keys(this.wanted().replicas).map(
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

  private async make(settings: Record<string, string>): Promise<void> {
    const ports = { AIRFLOW_WEB_PORT: String(await freePort()), PROXY_PORT: String(await freePort()) };
    const request = {
      folder: this.folder,
      compose: join(HOME, 'compose'),
      examples: HOME,
      topology: 'celery',
    };
    const set = { COMPOSE_PROJECT_NAME: 'play', ...ports, ...settings };
    const none = { rotate: new Set<string>(), rederive: new Set<string>() };
    await init({ ...request, ...none, set: new Map(Object.entries(set)) });
    // a person's own images: there is nothing to pull and to build
    const own = this.open().blueprint.images.map(
      ({ variable }) => [variable, `mine/${variable.toLowerCase()}:1`] as const,
    );
    writeFileSync(join(this.folder, '.env'), own.map(([name, image]) => `${name}=${image}\n`).join(''), {
      flag: 'a',
    });
    for (const [, image] of own) this.images.add(image);
    this.tellDigests();
  }
}
