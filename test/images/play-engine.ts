import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../../src/engine/engine.js';
import type { Build } from '../../src/images/build-plan.js';
import { ensureImages, imagesReady } from '../../src/images/ensure.js';
import type { PresentImage } from '../../src/images/layers.js';
import type { ImageInputs } from '../../src/images/plan.js';
import type { ImageTools } from '../../src/images/tools.js';
import { cancelled } from '../../src/output/cancelled.js';
import { GatherError } from '../../src/output/errors.js';

const ENGINE = {} as Engine;
const report = { event: () => {}, close: () => {} };

/** An engine with images, registries that give some out, and builds that take a moment; `.env` is a map. */
export class PlayEngine {
  readonly images = new Map<string, PresentImage>();
  /** What registries have. */
  published: string[] = [];
  /** What the registries say when they have none. */
  refusal = { problem: 'manifest unknown', unreachable: false };
  /** Tags (a part of them) whose build fails. */
  broken: string[] = [];
  readonly env = new Map<string, string>();
  /** In their order. */
  readonly asked: string[] = [];
  readonly built: Build[] = [];
  imports = 0;
  /** The most builds at one time. */
  most = 0;
  processors = 2;
  private running = 0;

  ensure(inputs: ImageInputs, options: { signal?: AbortSignal; only?: string[] } = {}) {
    const root = {
      importInto: async (_: Engine, tag: string) => {
        await sleep(1);
        this.imports++;
        this.add(tag);
      },
    };
    const current = (name: string) => this.env.get(name);
    return ensureImages(inputs, { engine: ENGINE, report, current, root, ...options }, this.tools());
  }

  ready(inputs: ImageInputs) {
    return imagesReady(inputs, ENGINE, (name) => this.env.get(name), undefined, this.tools());
  }

  add(image: string, labels: Record<string, string> = {}): void {
    this.images.set(image, { labels, lastLayer: 100_000_000 });
  }

  private tools(): ImageTools {
    return {
      processors: this.processors,
      shelf: async () => ({
        has: (image) => this.images.has(image),
        inspects: async (image) => this.images.has(image),
        present: async (image) => this.images.get(image),
        add: (image) => this.add(image, this.images.get(image)?.labels),
      }),
      pull: async (_, image) => {
        this.asked.push(image);
        await sleep(1);
        if (!this.published.includes(image)) return { pulled: false, ...this.refusal };
        this.add(image);
        return { pulled: true };
      },
      build: async (_, build, title, _report, signal) => {
        this.most = Math.max(this.most, ++this.running);
        try {
          await sleep(5);
          if (signal?.aborted) throw cancelled(`the build of ${title} was stopped`);
          if (this.broken.some((part) => build.tag.includes(part)))
            throw new GatherError('IMAGE_FAILED', `the image ${title} cannot be built`);
          for (const base of Object.values(build.bases))
            if (!this.images.has(base)) throw new Error(`${title} stands on ${base}, which is not there`);
          this.built.push(build);
          this.add(build.tag, build.labels);
        } finally {
          this.running--;
        }
      },
    };
  }

  /** Short names of what was built, in order. */
  get builtNames(): string[] {
    return this.built.map(({ tag }) => /^localhost\/gather\/([^:]+):/.exec(tag)?.[1] ?? tag);
  }
}
