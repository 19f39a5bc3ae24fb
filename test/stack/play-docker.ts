import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import type { ContainerDetails, ContainerInfo, EngineApi, VolumeInfo } from '../../src/engine/api.js';
import type { ExecResult } from '../../src/engine/container-exec.js';
import { engineFailed } from '../../src/engine/failure.js';
import { PLAY_ENGINE } from '../unit-engine/play-engine.js';

interface PlayedContainer {
  id: string;
  service: string;
  number: number;
  state: string;
  status: string;
  log: string;
  health: string | undefined;
  ports: number[];
  /** What went wrong when it was to be started. */
  error: string;
  restart: string;
  /** As Compose's label: `redis:service_healthy:false`. */
  waitsFor: string;
  project: string;
  folder: string;
  env: string[];
  image: string;
  /** Full name → its address there. */
  networks: Record<string, string>;
  /** Beside those of Compose. */
  labels: Record<string, string>;
  /** Path → what is in it. */
  files: Record<string, string>;
}

/** An engine as far as a stack's watch, its failures and its ports use it: containers with a state, and the events of what is done to them. */
export class PlayDocker {
  readonly containers: PlayedContainer[] = [];
  readonly volumes: Pick<VolumeInfo & { CreatedAt: string }, 'Name' | 'Labels' | 'CreatedAt'>[] = [];
  readonly events = new PassThrough();
  /** What a command in a container of a service says; nobody answers where it is undefined. */
  answer: (service: string, command: string[]) => Partial<ExecResult> | undefined = () => undefined;

  /** Paths of this machine that are not there for the engine. */
  readonly unshared = new Set<string>();

  /** Of an image: path → what is in it. */
  readonly imageFiles = new Map<string, Record<string, string>>();

  private created = 0;
  private frozen: Error | undefined;

  constructor(readonly project = 'play') {}

  /** The client of this engine. */
  get client(): EngineApi {
    const unknown = async () => {
      throw engineFailed(PLAY_ENGINE, { statusCode: 404, message: 'not played' });
    };
    return {
      ping: async () => this.isThere(),
      listContainers: async ({ filters = {} } = {}) => {
        this.isThere();
        return this.list(filters) as ContainerInfo[];
      },
      inspectContainer: async (id) => this.inspect(id),
      containerLog: async (id, lines) => framed(this.find(id).log.split('\n').slice(-lines).join('\n')),
      unpauseContainer: async (id) => {
        this.set(id, 'running', 'Up 1 second');
        this.emit(id, 'unpause');
      },
      restartContainer: async (id) => {
        this.kill(id);
        this.start(id);
      },
      removeContainer: async (id) => this.remove(id),
      exec: async (id, command) => {
        const said = this.answer(this.find(id).service, command);
        return said ? { exitCode: 0, stdout: '', stderr: '', ...said } : unknown();
      },
      readFile: async (id, path) => fileIn(this.find(id).files, path),
      readImageFile: async (image, path) => fileIn(this.imageFiles.get(image), path),
      events: async () => this.events,
      listImages: async () => [],
      inspectImage: unknown,
      imageHistory: unknown,
      removeImage: unknown,
      listVolumes: async ({ label = [] }) =>
        this.volumes.filter(({ Labels }) =>
          label.every((one) => has(Labels, one)),
        ) as unknown as VolumeInfo[],
      createVolume: async (Name, Labels) => {
        if (!this.volumes.some((one) => one.Name === Name))
          this.volumes.push({ Name, Labels, CreatedAt: new Date().toISOString() });
      },
      removeVolume: async (name) => {
        const at = this.volumes.findIndex((one) => one.Name === name);
        if (at < 0) return unknown();
        this.volumes.splice(at, 1);
      },
      sees: async (path) => existsSync(path) && ![...this.unshared].some((one) => path.startsWith(one)),
    };
  }

  create(
    service: string,
    {
      number = 1,
      log = '',
      ports = [] as number[],
      project = this.project,
      restart = 'unless-stopped',
      waitsFor = '',
      folder = '',
      env = [] as string[],
      image = `${service}:1`,
      networks = {} as Record<string, string>,
      labels = {} as Record<string, string>,
      files = {} as Record<string, string>,
    } = {},
  ): string {
    const id = `${service}-${number}-${++this.created}`;
    this.containers.push({
      id,
      service,
      number,
      state: 'created',
      status: 'Created',
      log,
      health: undefined,
      error: '',
      ports,
      project,
      restart,
      waitsFor,
      env,
      image,
      networks,
      labels,
      files,
      folder: folder || `/home/me/${project}`,
    });
    this.emit(id, 'create');
    return id;
  }

  start(id: string, health?: 'starting' | 'healthy'): void {
    this.set(
      id,
      'running',
      `Up 1 second${health ? ` (${health === 'starting' ? 'health: starting' : health})` : ''}`,
    );
    this.emit(id, 'start');
  }

  /** The engine tells of no event then. */
  failToStart(id: string, error: string): void {
    this.find(id).error = error;
  }

  health(id: string, health: 'healthy' | 'unhealthy', output = ''): void {
    this.find(id).health = output;
    this.set(id, 'running', `Up 5 seconds (${health})`);
    this.emit(id, `health_status: ${health}`);
  }

  /** The event of it got lost. */
  sickensUnheard(id: string): void {
    this.set(id, 'running', 'Up 5 seconds (unhealthy)');
  }

  die(id: string, exitCode: number, { oom = false } = {}): void {
    if (oom) this.emit(id, 'oom');
    this.set(id, 'exited', `Exited (${exitCode}) 1 second ago`);
    this.emit(id, 'die', { exitCode: String(exitCode) });
  }

  /** Waits for its next start, as the engine does after one that failed. */
  restarting(id: string, exitCode: number): void {
    this.set(id, 'restarting', `Restarting (${exitCode}) 1 second ago`);
  }

  pause(id: string): void {
    this.set(id, 'paused', 'Up 1 second (Paused)');
    this.emit(id, 'pause');
  }

  /** As `docker stop` and Compose do it. */
  kill(id: string): void {
    this.emit(id, 'kill', { signal: '15' });
    this.die(id, 143);
  }

  remove(id: string): void {
    this.containers.splice(this.containers.indexOf(this.find(id)), 1);
    this.emit(id, 'destroy');
  }

  /** From now on a question has no answer but this. */
  freeze(error: Error): void {
    this.frozen = error;
  }

  goAway(): void {
    this.events.end();
  }

  private isThere(): void {
    if (this.frozen) throw engineFailed(PLAY_ENGINE, this.frozen);
  }

  private inspect(id: string): ContainerDetails {
    const { state, error, health, restart, env } = this.find(id);
    return {
      State: { Status: state, Error: error, Health: { Log: [{ Output: health ?? '' }] } },
      HostConfig: { RestartPolicy: { Name: restart } },
      Config: { Env: env },
    } as ContainerDetails;
  }

  private find(id: string): PlayedContainer {
    const found = this.containers.find((one) => one.id === id);
    if (!found) throw engineFailed(PLAY_ENGINE, { statusCode: 404, message: `no such container: ${id}` });
    return found;
  }

  private set(id: string, state: string, status: string): void {
    Object.assign(this.find(id), { state, status });
  }

  private emit(id: string, Action: string, Attributes: Record<string, string> = {}): void {
    this.events.write(`${JSON.stringify({ Type: 'container', Action, Actor: { ID: id, Attributes } })}\n`);
  }

  private list({ label = [], publish = [] }: Record<string, string[]>): Partial<ContainerInfo>[] {
    return this.containers
      .filter((one) => label.every((wanted) => wanted.includes('oneoff') || has(labelsOf(one), wanted)))
      .filter((one) => publish.length === 0 || one.ports.some((port) => publish.includes(String(port))))
      .map((one) => ({
        Id: one.id,
        Names: [`/${one.project}-${one.service}-${one.number}`],
        Image: one.image,
        State: one.state,
        Status: one.status,
        Ports: one.ports.map((PublicPort) => ({ IP: '127.0.0.1', PrivatePort: 80, PublicPort, Type: 'tcp' })),
        Labels: labelsOf(one),
        NetworkSettings: {
          Networks: Object.fromEntries(
            Object.entries(one.networks).map(([name, IPAddress]) => [name, { IPAddress }]),
          ),
        } as ContainerInfo['NetworkSettings'],
      }));
  }
}

function fileIn(files: Record<string, string> | undefined, path: string): Buffer {
  const text = files?.[path];
  if (text === undefined)
    throw engineFailed(PLAY_ENGINE, { statusCode: 404, message: `no such file: ${path}` });
  return Buffer.from(text);
}

/** As the engine compares: `key=value`. */
function has(labels: Record<string, string>, label: string): boolean {
  const [key = '', ...value] = label.split('=');
  return labels[key] === value.join('=');
}

function labelsOf({
  project,
  folder,
  service,
  number,
  waitsFor,
  labels,
}: PlayedContainer): Record<string, string> {
  if (!project) return labels;
  return {
    ...labels,
    'com.docker.compose.project': project,
    'com.docker.compose.project.working_dir': folder,
    'com.docker.compose.service': service,
    'com.docker.compose.container-number': String(number),
    'com.docker.compose.config-hash': 'hash',
    'com.docker.compose.depends_on': waitsFor,
  };
}

/** Docker's frames of a log (Engine API, "Attach to a container"). */
export function framed(text: string, stream = 1): Buffer {
  return Buffer.concat(
    text.split(/(?<=\n)/).map((line) => {
      const header = Buffer.alloc(8);
      header[0] = stream;
      header.writeUInt32BE(Buffer.byteLength(line), 4);
      return Buffer.concat([header, Buffer.from(line)]);
    }),
  );
}
