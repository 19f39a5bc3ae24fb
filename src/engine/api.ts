import type Dockerode from 'dockerode';
import { GatherError } from '../output/errors.js';
import { clientOptions } from './client-options.js';
import { type ExecResult, runInContainer } from './container-exec.js';
import type { Engine } from './engine.js';
import { engineFailed, isNotFound, NoEngine } from './failure.js';
import { LIMITS } from './limits.js';
import { NoAnswer, within } from './patience.js';
import { firstFileIn } from './tar.js';

export type ContainerInfo = Dockerode.ContainerInfo;
export type ContainerDetails = Dockerode.ContainerInspectInfo;
export type ImageInfo = Dockerode.ImageInfo;
export type ImageDetails = Dockerode.ImageInspectInfo;
export type VolumeInfo = Dockerode.VolumeInspectInfo;
/** As the Engine API has them: `{ label: ['a=1'] }`. */
export type Filters = Record<string, string[]>;
export type EventStream = NodeJS.ReadableStream & { destroy(): void };

/** A layer of an image. */
export interface HistoryEntry {
  Id: string;
  /** Bytes. */
  Size: number;
}

/**
 * What gather asks of a Docker Engine, and the only way to ask it. Every call ends: with the answer, with CANCELLED as soon as the
 * signal of the client is aborted, or with ENGINE_FAILED, at the latest after its time limit. `isNotFound` tells a refusal of what
 * is not there from the others.
 */
export interface EngineApi {
  /** Whether it is there at all. */
  ping(): Promise<void>;
  listContainers(options?: { all?: boolean; filters?: Filters }): Promise<ContainerInfo[]>;
  inspectContainer(id: string): Promise<ContainerDetails>;
  /** The last lines that it wrote, in Docker's frames unless it has a terminal (Engine API, "Attach to a container"). */
  containerLog(id: string, lines: number): Promise<Buffer>;
  unpauseContainer(id: string): Promise<void>;
  /** @param graceSeconds how long it has to end by itself. */
  restartContainer(id: string, graceSeconds: number): Promise<void>;
  /** Also one that runs. */
  removeContainer(id: string): Promise<void>;
  /**
   * Runs a command in a container, without the cost of a docker process. Throws COMMAND_FAILED when all of it takes longer than
   * `timeoutMs`: it may be the container that is frozen, and not the engine.
   * @param input what it may read, of which it has to know the length: its stdin does not end.
   */
  exec(id: string, command: string[], options?: { timeoutMs?: number; input?: Buffer }): Promise<ExecResult>;
  /** What is in a file of a container, running or not. */
  readFile(id: string, path: string): Promise<Buffer>;
  /** The same of an image, by way of a container that never runs. */
  readImageFile(image: string, path: string): Promise<Buffer>;
  /** One JSON text a line, from now on, until the stream is destroyed or the signal of the client is aborted. */
  events(filters: Filters): Promise<EventStream>;
  listImages(): Promise<ImageInfo[]>;
  inspectImage(name: string): Promise<ImageDetails>;
  /** The newest layer first. */
  imageHistory(name: string): Promise<HistoryEntry[]>;
  removeImage(name: string): Promise<void>;
  listVolumes(filters: Filters): Promise<VolumeInfo[]>;
  /** Does nothing when there is one of that name. */
  createVolume(name: string, labels: Record<string, string>): Promise<void>;
  removeVolume(name: string): Promise<void>;
  /** Whether the engine has a file or folder at this path, as one in a virtual machine or elsewhere may not. */
  sees(path: string): Promise<boolean>;
}

/** An image that nobody ever builds. */
const NO_IMAGE = 'localhost/gather/none';

/** A client of an engine whose calls end with `signal`. dockerode is loaded only now, for it takes 100 ms. */
export async function connect(engine: Engine, signal: AbortSignal | undefined): Promise<EngineApi> {
  const { default: Client } = await import('dockerode');
  return new DockerodeApi(new Client(clientOptions(engine)), engine, signal);
}

class DockerodeApi implements EngineApi {
  readonly #docker: Dockerode;
  readonly #engine: Engine;
  readonly #signal: AbortSignal | undefined;

  constructor(docker: Dockerode, engine: Engine, signal: AbortSignal | undefined) {
    this.#docker = docker;
    this.#engine = engine;
    this.#signal = signal;
  }

  async ping(): Promise<void> {
    await this.#ask((signal) => this.#get('/_ping', signal));
  }

  listContainers(options: { all?: boolean; filters?: Filters } = {}): Promise<ContainerInfo[]> {
    return this.#list((abortSignal) => this.#docker.listContainers({ ...options, abortSignal }));
  }

  inspectContainer(id: string): Promise<ContainerDetails> {
    return this.#ask((abortSignal) => this.#docker.getContainer(id).inspect({ abortSignal }), 'State');
  }

  containerLog(id: string, lines: number): Promise<Buffer> {
    const asked = { stdout: true, stderr: true, tail: lines, follow: false } as const;
    return this.#ask((abortSignal) => this.#docker.getContainer(id).logs({ ...asked, abortSignal }));
  }

  async unpauseContainer(id: string): Promise<void> {
    await this.#ask((abortSignal) => this.#docker.getContainer(id).unpause({ abortSignal }));
  }

  async restartContainer(id: string, graceSeconds: number): Promise<void> {
    const restart = (abortSignal: AbortSignal) =>
      this.#docker.getContainer(id).restart({ t: graceSeconds, abortSignal });
    await this.#ask(restart, undefined, graceSeconds * 1000 + LIMITS.answer);
  }

  async removeContainer(id: string): Promise<void> {
    const remove = (abortSignal: AbortSignal) =>
      this.#docker.getContainer(id).remove({ force: true, abortSignal });
    await this.#ask(remove, undefined, LIMITS.work);
  }

  async exec(
    id: string,
    command: string[],
    { timeoutMs = LIMITS.answer, input }: { timeoutMs?: number; input?: Buffer } = {},
  ): Promise<ExecResult> {
    try {
      return await within(timeoutMs, this.#signal, (abortSignal) =>
        runInContainer(this.#docker, id, command, input, abortSignal),
      );
    } catch (error) {
      if (error instanceof NoAnswer) throw new GatherError('COMMAND_FAILED', error.message, { cause: error });
      throw engineFailed(this.#engine, error, this.#signal);
    }
  }

  async readFile(id: string, path: string): Promise<Buffer> {
    const file = await this.#ask(async (abortSignal) =>
      firstFileIn(await this.#docker.getContainer(id).getArchive({ path, abortSignal })),
    );
    if (!file) throw new GatherError('COMMAND_FAILED', `${path} is no file in the container ${id}`);
    return file;
  }

  async readImageFile(image: string, path: string): Promise<Buffer> {
    const { id } = await this.#ask(
      (abortSignal) => this.#docker.createContainer({ Image: image, abortSignal }),
      'id',
    );
    try {
      return await this.readFile(id, path);
    } finally {
      await this.removeContainer(id);
    }
  }

  async events(filters: Filters): Promise<EventStream> {
    try {
      return await within(
        LIMITS.answer,
        this.#signal,
        async (abortSignal) => (await this.#docker.getEvents({ filters, abortSignal })) as EventStream,
        (stream) => stream,
      );
    } catch (error) {
      throw engineFailed(this.#engine, error, this.#signal);
    }
  }

  listImages(): Promise<ImageInfo[]> {
    return this.#list((abortSignal) => this.#docker.listImages({ abortSignal }));
  }

  inspectImage(name: string): Promise<ImageDetails> {
    return this.#ask((signal) => this.#get<ImageDetails>(`/images/${name}/json`, signal), 'Id');
  }

  imageHistory(name: string): Promise<HistoryEntry[]> {
    return this.#list((signal) => this.#get<HistoryEntry[]>(`/images/${name}/history`, signal));
  }

  async removeImage(name: string): Promise<void> {
    const remove = (abortSignal: AbortSignal) => this.#docker.getImage(name).remove({ abortSignal });
    await this.#ask(remove, undefined, LIMITS.work);
  }

  async listVolumes(filters: Filters): Promise<VolumeInfo[]> {
    const found = await this.#ask(
      (abortSignal) => this.#docker.listVolumes({ filters, abortSignal }),
      'Volumes',
    );
    // an engine without any may say null
    return found.Volumes ?? [];
  }

  async createVolume(name: string, labels: Record<string, string>): Promise<void> {
    await this.#ask(async (abortSignal) => {
      const made = await this.#docker.createVolume({ Name: name, Labels: labels, abortSignal });
      if (made.name !== name) throw new NoEngine();
    });
  }

  async removeVolume(name: string): Promise<void> {
    const remove = (abortSignal: AbortSignal) => this.#docker.getVolume(name).remove({ abortSignal });
    await this.#ask(remove, undefined, LIMITS.work);
  }

  /**
   * An engine looks for what a container is to mount before it looks for the image, so that one of an image that is not there tells,
   * and nothing is made (daemon/create.go; what Docker Desktop does not share is "mounts denied").
   */
  async sees(path: string): Promise<boolean> {
    const Mounts = [{ Type: 'bind' as const, Source: path, Target: '/gather' }];
    try {
      await this.#ask(async (abortSignal) => {
        await this.#docker.createContainer({ Image: NO_IMAGE, HostConfig: { Mounts }, abortSignal });
        throw new NoEngine();
      });
      return true;
    } catch (error) {
      if (isNotFound(error)) return true;
      if (/bind source path does not exist|mounts denied/i.test((error as Error).message)) return false;
      throw error;
    }
  }

  /** @param key what an answer of an engine has in any case. */
  async #ask<T>(
    question: (signal: AbortSignal) => Promise<T>,
    key?: string,
    limitMs = LIMITS.answer,
  ): Promise<T> {
    try {
      const answer = await within(limitMs, this.#signal, question);
      if (key !== undefined && !(key in Object(answer))) throw new NoEngine();
      return answer;
    } catch (error) {
      throw engineFailed(this.#engine, error, this.#signal);
    }
  }

  /** What dockerode has no method for that heeds a signal. */
  #get<T>(path: string, abortSignal: AbortSignal): Promise<T> {
    const statusCodes = { 200: true };
    return new Promise((resolve, reject) => {
      this.#docker.modem.dial(
        { path, method: 'GET', statusCodes, abortSignal },
        (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer as T)),
      );
    });
  }

  async #list<T>(question: (signal: AbortSignal) => Promise<T[]>): Promise<T[]> {
    return this.#ask(async (signal) => {
      const answer = await question(signal);
      if (!Array.isArray(answer)) throw new NoEngine();
      return answer;
    });
  }
}
