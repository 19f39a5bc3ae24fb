import type { Engine } from '../engine/engine.js';
import { cancelled } from '../output/cancelled.js';
import { GatherError } from '../output/errors.js';
import type { Reporter } from '../output/events.js';
import { RootFileSystem } from './base-image.js';
import { buildImage } from './build.js';
import { type Current, modeOf, presentChoice, usersImage } from './choose.js';
import { type DockerfilePlan, planDockerfiles } from './from-dockerfile.js';
import { inSteps } from './layers.js';
import { type Build, type ImageInputs, type ImagePlan, OWN_PREFIX, planImages, rootTag } from './plan.js';
import { Shelf } from './present.js';
import { type PullOutcome, pullImage } from './pull.js';

export interface EnsureOptions {
  engine: Engine;
  report: Reporter;
  current: Current;
  /** The root file system, when its making was started before the engine answered. */
  root?: RootFileSystem | undefined;
  signal?: AbortSignal | undefined;
}

/** Variable of `.env` → the image that the engine now has for it; none for a Dockerfile that the project does not have. */
export type Images = Map<string, string>;

/**
 * Sees to it that the engine has every image of a stack: present, else pulled, else built from packages, as `images` in
 * gather.yaml allows. Throws IMAGE_FAILED, or CANCELLED after `signal`.
 */
export async function ensureImages(inputs: ImageInputs, options: EnsureOptions): Promise<Images> {
  const shelf = await Shelf.of(options.engine, options.signal);
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const work = new ImageWork(inputs, { ...options, signal }, shelf);
  const provided = new Map<string, Promise<string | undefined>>();
  const provide = (variable: string, image: Promise<string | undefined>) => {
    image.catch(() => stop.abort());
    provided.set(variable, image);
  };
  const dockerfiles = planDockerfiles(inputs);
  for (const plan of planImages(inputs)) provide(plan.spec.variable, work.provide(plan));
  for (const plan of dockerfiles)
    provide(plan.spec.variable, work.provideFromDockerfile(plan, provided.get(plan.spec.from)));
  const results = await Promise.allSettled(
    [...provided].map(async ([variable, image]) => [variable, await image] as const),
  );
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 0 && options.signal?.aborted)
    throw cancelled('getting the images was stopped; what is done stays in the cache', failures[0]);
  // the builds that were stopped because of the first failure have nothing of their own to say
  const root =
    failures.find((error) => !(error instanceof GatherError && error.code === 'CANCELLED')) ?? failures[0];
  if (root) throw root;
  const images: Images = new Map();
  for (const result of results) {
    if (result.status === 'rejected') continue;
    const [variable, image] = result.value;
    if (image) images.set(variable, image);
  }
  return images;
}

/** True when every image of the stack is there already, under the names that `.env` has. */
export async function imagesReady(
  inputs: ImageInputs,
  engine: Engine,
  current: Current,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const shelf = await Shelf.of(engine, signal);
  const present = new Map<string, string | undefined>();
  const stock = planImages(inputs).every((plan) => {
    const image = presentChoice(plan, modeOf(plan, inputs.manifest), current, shelf);
    present.set(plan.spec.variable, image);
    return image !== undefined && (current(plan.spec.variable) ?? plan.spec.registry) === image;
  });
  return (
    stock &&
    planDockerfiles(inputs).every(({ spec, on }) => {
      const image = current(spec.variable);
      if (image === undefined || image.startsWith(OWN_PREFIX))
        return image === on?.(present.get(spec.from) ?? '').tag && (image === undefined || shelf.has(image));
      return shelf.has(image);
    })
  );
}

class ImageWork {
  private readonly builds = new Map<string, Promise<string>>();
  private unreachable = false;

  constructor(
    private readonly inputs: ImageInputs,
    private readonly options: EnsureOptions,
    private readonly shelf: Shelf,
  ) {}

  async provide(plan: ImagePlan): Promise<string> {
    const mode = modeOf(plan, this.inputs.manifest);
    const present = presentChoice(plan, mode, this.options.current, this.shelf);
    if (present) return present;
    const own = usersImage(plan, this.options.current);
    if (own) return this.usersOwn(plan.spec.variable, own);
    return this.withPackages(plan, await this.base(plan, mode));
  }

  /** The image of the project's own Dockerfile; undefined when it has none, and `base` is used as it is. */
  async provideFromDockerfile(
    { spec, on }: DockerfilePlan,
    base: Promise<string | undefined> | undefined,
  ): Promise<string | undefined> {
    const own = this.options.current(spec.variable);
    if (own && !own.startsWith(OWN_PREFIX)) return this.usersOwn(spec.variable, own);
    const image = await base;
    if (!on || !image) return undefined;
    const build = on(image);
    return this.shelf.has(build.tag) ? build.tag : this.build(build, spec.file);
  }

  private async base(plan: ImagePlan, mode: string): Promise<string> {
    const isFromPackages = this.options.current(plan.spec.variable)?.startsWith(OWN_PREFIX) && !plan.onTop;
    if (mode === 'auto' && isFromPackages) return this.build(plan.fromPackages, plan.spec.packages);
    const pulled = mode === 'packages' ? undefined : plan.pulls.find((name) => this.shelf.has(name));
    if (pulled) return pulled;
    if (mode !== 'registry' && this.shelf.has(plan.fromPackages.tag)) return plan.fromPackages.tag;
    if (mode !== 'packages') {
      const outcome = await this.pullFirst(plan.pulls);
      if (outcome.image) return outcome.image;
      if (mode === 'registry') throw pullFailed(plan.spec.variable, plan.pulls, outcome.problem);
    }
    return this.build(plan.fromPackages, plan.spec.packages);
  }

  /** The first name that a registry gives out. One that does not answer is not asked again for the next image. */
  private async pullFirst(names: string[]): Promise<{ image?: string; problem: string }> {
    let problem = 'no registry answered a moment ago';
    for (const name of names) {
      if (this.unreachable && this.inputs.manifest.images === 'auto') break;
      const outcome: PullOutcome = await pullImage(
        this.options.engine,
        name,
        this.options.report,
        this.options.signal,
      );
      if (outcome.pulled) {
        this.shelf.add(name);
        return { image: name, problem: '' };
      }
      problem = outcome.problem;
      this.unreachable ||= outcome.unreachable;
    }
    return { problem };
  }

  private async withPackages(plan: ImagePlan, base: string): Promise<string> {
    if (!plan.onTop) return base;
    const build = plan.onTop(base);
    const image = this.options.current(plan.spec.variable) ?? '';
    return this.build(inSteps(build, await this.shelf.present(image)), plan.spec.build ?? base);
  }

  private build(build: Build, title: string): Promise<string> {
    let running = this.builds.get(build.tag);
    if (!running) {
      running = this.buildOnce(build, title);
      this.builds.set(build.tag, running);
    }
    return running;
  }

  private async buildOnce(build: Build, title: string): Promise<string> {
    const root = rootTag(this.inputs.catalog);
    if (build.base.image === root) await this.rootImage(root);
    await buildImage(this.options.engine, build, title, this.options.report, this.options.signal);
    this.shelf.add(build.tag);
    return build.tag;
  }

  private rootImage(tag: string): Promise<string> {
    let running = this.builds.get(tag);
    if (!running) {
      const { report, signal } = this.options;
      const root =
        this.options.root ?? new RootFileSystem(this.inputs.catalog.imageFolder('base'), report, signal);
      running = this.shelf.has(tag)
        ? Promise.resolve(tag)
        : root.importInto(this.options.engine, tag, signal).then(() => tag);
      this.builds.set(tag, running);
    }
    return running;
  }

  private async usersOwn(variable: string, image: string): Promise<string> {
    if (await this.shelf.inspects(image)) return image;
    const outcome = await pullImage(this.options.engine, image, this.options.report, this.options.signal);
    if (outcome.pulled) return image;
    throw pullFailed(variable, [image], outcome.problem);
  }
}

function pullFailed(variable: string, names: string[], problem: string): GatherError {
  return new GatherError('IMAGE_FAILED', `no registry gives out ${names.join(' or ')} (${variable})`, {
    details: [problem],
    hints: [
      'images: packages in gather.yaml builds it from packages',
      'registry: host:port/path in gather.yaml names a mirror',
    ],
  });
}
