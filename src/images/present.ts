import { connect, type EngineApi } from '../engine/api.js';
import type { Engine } from '../engine/engine.js';
import { unlessRefused } from '../engine/failure.js';
import type { PresentImage } from './layers.js';

/** The images that an engine has, by their names, their digests (`postgres@sha256:…`) and their ids. */
export class Shelf {
  private constructor(
    private readonly docker: EngineApi,
    private readonly names: Set<string>,
  ) {}

  static async of(engine: Engine, signal: AbortSignal | undefined): Promise<Shelf> {
    const docker = await connect(engine, signal);
    const images = await docker.listImages();
    const names = images.flatMap(({ Id, RepoTags, RepoDigests }) => [
      Id,
      ...(RepoTags ?? []),
      ...(RepoDigests ?? []),
    ]);
    return new Shelf(docker, new Set(names));
  }

  has(image: string): boolean {
    return this.names.has(listedName(image));
  }

  /** Asks the engine itself: digests and odd spellings are no tags. */
  async inspects(image: string): Promise<boolean> {
    return this.has(image) || (await unlessRefused(this.docker.inspectImage(image))) !== undefined;
  }

  /** What the next build on top of an image has to know of it; undefined when the engine does not have it. */
  async present(image: string): Promise<PresentImage | undefined> {
    if (!this.has(image)) return undefined;
    const [about, layers] = await Promise.all([
      this.docker.inspectImage(image),
      this.docker.imageHistory(image),
    ]);
    return { labels: about.Config.Labels ?? {}, lastLayer: layers[0]?.Size ?? 0 };
  }

  add(image: string): void {
    this.names.add(image);
  }
}

/** An image's name as the engine lists it: one without a tag is `latest`, and beside a digest a tag says nothing. */
function listedName(image: string): string {
  const [, name, tag, digest] = /^(.+?)(:[^/:@]+)?(@[^/@]+)?$/.exec(image) ?? [];
  if (digest !== undefined) return `${name}${digest}`;
  return tag === undefined ? `${image}:latest` : image;
}
