import type { Engine } from '../engine/engine.js';
import { cancelled } from '../output/cancelled.js';
import { GatherError } from '../output/errors.js';
import type { Reporter } from '../output/events.js';
import { AtMost } from './at-most.js';
import { RootFileSystem } from './base-image.js';
import { type Build, OWN_PREFIX } from './build-plan.js';
import { type Choice, type Current, modeOf, presentChoice, usersImage } from './choose.js';
import type { DockerfilePlan } from './from-dockerfile.js';
import { inSteps } from './layers.js';
import { type ImageInputs, type ImagePlan, rootTag } from './plan.js';
import type { ImageShelf, ImageTools } from './tools.js';

export interface WorkOptions {
  engine: Engine;
  report: Reporter;
  current: Current;
  /** The root file system, when its making was started before the engine answered. */
  root?: Pick<RootFileSystem, 'importInto'> | undefined;
  signal?: AbortSignal | undefined;
}

/** Gets the images of one stack, each of them once, whoever stands on it. */
export class ImageWork {
  private readonly provided = new Map<string, Promise<string>>();
  private readonly builds = new Map<string, Promise<string>>();
  private readonly turns: AtMost;
  private readonly choice: Choice;
  private unreachable = false;

  constructor(
    private readonly inputs: ImageInputs,
    private readonly options: WorkOptions,
    private readonly shelf: ImageShelf,
    private readonly tools: ImageTools,
  ) {
    this.turns = new AtMost(tools.processors);
    this.choice = { manifest: inputs.manifest, current: options.current };
  }

  /** The name under which the engine then has the image. */
  provide(plan: ImagePlan): Promise<string> {
    return once(this.provided, plan.spec.variable, async () => {
      const present = presentChoice(plan, this.choice, this.shelf);
      if (present) return present;
      const own = usersImage(plan, this.options.current);
      return own ? this.usersOwn(plan.spec.variable, own) : this.pullOrBuild(plan);
    });
  }

  /** The image of the project's own Dockerfile; undefined when it has none, and the one that it would stand on is used as it is. */
  async provideFromDockerfile(
    { spec, on }: DockerfilePlan,
    below: ImagePlan | undefined,
  ): Promise<string | undefined> {
    const own = this.options.current(spec.variable);
    if (own && !own.startsWith(OWN_PREFIX)) return this.usersOwn(spec.variable, own);
    if (!on || !below) return undefined;
    const build = on(await this.provide(below));
    return this.shelf.has(build.tag) ? build.tag : this.build(build, spec.file);
  }

  private async pullOrBuild(plan: ImagePlan): Promise<string> {
    const { variable } = plan.spec;
    const mode = modeOf(plan, this.inputs.manifest);
    // what runs now stays: PostgreSQL 15 from packages does not become 14 because a registry answers today
    const isFromPackages = mode === 'auto' && this.options.current(variable)?.startsWith(OWN_PREFIX);
    if (mode !== 'packages' && !isFromPackages) {
      const { image, problem } = await this.pullFirst(plan.pulls);
      if (image) return image;
      if (mode === 'registry') throw pullFailed(variable, plan.pulls, problem, plan.build !== undefined);
    }
    if (!plan.build)
      throw pullFailed(variable, [plan.spec.mirrored ?? plan.name], 'only a mirror has it', false);
    const build = plan.build(plan.on && (await this.provide(plan.on)));
    const before = await this.shelf.present(this.options.current(variable) ?? '');
    return this.build(inSteps(build, before), plan.name);
  }

  /** The first name that a registry gives out. One that does not answer is not asked again for the next image. */
  private async pullFirst(names: string[]): Promise<{ image?: string; problem: string }> {
    let problem = 'no registry answered a moment ago';
    for (const name of names) {
      if (this.unreachable && this.inputs.manifest.images === 'auto') break;
      const outcome = await this.pull(name);
      if (outcome.pulled) {
        this.shelf.add(name);
        return { image: name, problem: '' };
      }
      problem = outcome.problem;
      this.unreachable ||= outcome.unreachable;
    }
    return { problem };
  }

  private build(build: Build, title: string): Promise<string> {
    return once(this.builds, build.tag, async () => {
      const { engine, report, signal } = this.options;
      const root = rootTag(this.inputs.catalog);
      if (Object.values(build.bases).includes(root)) await this.rootImage(root);
      await this.turns.run(async () => {
        if (signal?.aborted) throw cancelled(`the build of ${title} was stopped before it began`);
        await this.tools.build(engine, build, title, report, signal);
      });
      this.shelf.add(build.tag);
      return build.tag;
    });
  }

  private rootImage(tag: string): Promise<string> {
    return once(this.builds, tag, async () => {
      if (this.shelf.has(tag)) return tag;
      const { engine, report, signal } = this.options;
      const root = this.options.root ?? new RootFileSystem(this.inputs.catalog.baseFolder(), report, signal);
      await root.importInto(engine, tag, signal);
      return tag;
    });
  }

  private async usersOwn(variable: string, image: string): Promise<string> {
    if (await this.shelf.inspects(image)) return image;
    const outcome = await this.pull(image);
    if (outcome.pulled) return image;
    throw pullFailed(variable, [image], outcome.problem, false);
  }

  private pull(image: string) {
    const { engine, report, signal } = this.options;
    return this.tools.pull(engine, image, report, signal);
  }
}

/** One work a key, which all who ask for it share. */
function once(
  known: Map<string, Promise<string>>,
  key: string,
  work: () => Promise<string>,
): Promise<string> {
  let running = known.get(key);
  if (!running) {
    running = work();
    known.set(key, running);
  }
  return running;
}

function pullFailed(variable: string, names: string[], problem: string, canBuild = true): GatherError {
  return new GatherError('IMAGE_FAILED', `no registry gives out ${names.join(' or ')} (${variable})`, {
    details: [problem],
    hints: [
      ...(canBuild ? ['images: packages in gather.yaml builds it from packages'] : []),
      'registry: host:port/path in gather.yaml names a mirror',
    ],
  });
}
