import type { Engine } from '../engine/engine.js';
import { cancelled } from '../output/cancelled.js';
import { GatherError } from '../output/errors.js';
import { OWN_PREFIX } from './build-plan.js';
import { type Current, presentChoice } from './choose.js';
import { planDockerfiles } from './from-dockerfile.js';
import { type ImageInputs, planImages } from './plan.js';
import { type ImageTools, REAL_TOOLS } from './tools.js';
import { ImageWork, type WorkOptions } from './work.js';

export interface EnsureOptions extends WorkOptions {
  /** Variables of the images that are wanted, and no others. */
  only?: string[];
}

/** Variable of `.env` → the image that the engine now has for it; none for a Dockerfile that the project does not have. */
export type Images = Map<string, string>;

/**
 * Sees to it that the engine has every image of a stack: present, else pulled, else built from packages, as `images` in
 * gather.yaml allows. Throws IMAGE_FAILED, or CANCELLED after `signal`.
 */
export async function ensureImages(
  inputs: ImageInputs,
  options: EnsureOptions,
  tools: ImageTools = REAL_TOOLS,
): Promise<Images> {
  const shelf = await tools.shelf(options.engine, options.signal);
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const work = new ImageWork(inputs, { ...options, signal }, shelf, tools);
  const plans = planImages(inputs);
  const wanted = plans.filter(
    ({ spec, isInner }) => !isInner && (options.only?.includes(spec.variable) ?? true),
  );
  const results = await Promise.allSettled(
    [
      ...wanted.map((plan) => ({ variable: plan.spec.variable, image: work.provide(plan) })),
      ...planDockerfiles(inputs).map((plan) => ({
        variable: plan.spec.variable,
        image: work.provideFromDockerfile(
          plan,
          plans.find(({ spec }) => spec.variable === plan.spec.from),
        ),
      })),
    ].map(async ({ variable, image }) => {
      image.catch(() => stop.abort());
      return [variable, await image] as const;
    }),
  );
  throwFailure(results, options.signal);
  const images: Images = new Map();
  for (const result of results) {
    if (result.status === 'rejected') continue;
    const [variable, image] = result.value;
    if (image) images.set(variable, image);
  }
  return images;
}

function throwFailure(results: PromiseSettledResult<unknown>[], signal: AbortSignal | undefined): void {
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 0 && signal?.aborted)
    throw cancelled('getting the images was stopped; what is done stays in the cache', failures[0]);
  // the builds that were stopped because of the first failure have nothing of their own to say
  const root =
    failures.find((error) => !(error instanceof GatherError && error.code === 'CANCELLED')) ?? failures[0];
  if (root) throw root;
}

/** True when every image of the stack is there already, under the names that `.env` has. */
export async function imagesReady(
  inputs: ImageInputs,
  engine: Engine,
  current: Current,
  signal: AbortSignal | undefined,
  tools: Pick<ImageTools, 'shelf'> = REAL_TOOLS,
): Promise<boolean> {
  const shelf = await tools.shelf(engine, signal);
  const present = new Map<string, string | undefined>();
  const choice = { manifest: inputs.manifest, current };
  const stock = planImages(inputs)
    .filter(({ isInner }) => !isInner)
    .every((plan) => {
      const image = presentChoice(plan, choice, shelf);
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
