import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ComposeSpecification } from 'docker-compose';
import type { Options } from 'execa';
import type { Blueprint } from '../../catalog/blueprint.js';
import { type ComposeEnd, composeOptions, runCompose, type Stack } from '../../engine/compose.js';
import { GatherError } from '../../output/errors.js';
import { lastLines } from '../../output/text.js';
import { fold, whole } from '../../render/fold.js';

/** A service as Compose models it, once all files and what it extends are merged. */
export type ModelService = NonNullable<ComposeSpecification['services']>[string];

/** The services and networks of a stack, with variables still in them: no value of `.env` is in it. */
export interface ComposeModel {
  services: Record<string, ModelService>;
  networks: Record<string, { name?: string } | null>;
}

/** How many ms Compose may take to merge files, which costs it 50. */
const CONFIG_MS = 20_000;

/** Compose reads the first of these by itself (compose-go, cli.DefaultOverrideFileNames). */
const OVERRIDES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

/** The file of the user's own changes that Compose lays over compose.yaml; undefined where there is none. */
export function overrideOf(folder: string): string | undefined {
  return OVERRIDES.find((name) => existsSync(join(folder, name)));
}

/** The model of the components alone, without asking anybody: the whole of it while there is no override. */
export function foldedModel(blueprint: Blueprint): ComposeModel {
  const { services, templates, resources } = fold(blueprint);
  return {
    services: Object.fromEntries(services.map((one) => [one.name, whole(one, templates)])),
    networks: resources.networks as ComposeModel['networks'],
  };
}

/**
 * The model of the stack as it will be run: where the project has an override, Compose's own, of every profile. It is asked for
 * without values (`--no-interpolate`): it can be before there are images to name, and holds no secret. Compose 2.26 cannot read a
 * short mount with a default in it that way (`${A:-b}:/c:ro` has "too many colons"): then it is asked with values, which stay here.
 *
 * @throws GatherError PROJECT_INVALID with what Compose says of its files.
 */
export async function modelOf(stack: Stack, blueprint: Blueprint): Promise<ComposeModel> {
  const override = overrideOf(stack.project.folder);
  if (!override) return foldedModel(blueprint);
  const { services, networks } = parsed(await wholeConfig(stack, blueprint), stack, override);
  return { services: services ?? {}, networks: networks ?? {} };
}

/**
 * The same with its values, where the project has an override: what is mounted cannot be told without, since Compose takes a path that
 * begins with a variable for one below the project. It holds secrets.
 *
 * @throws GatherError PROJECT_INVALID with what Compose says of its files.
 */
export async function filledModelOf(stack: Stack, blueprint: Blueprint): Promise<ComposeModel> {
  const override = overrideOf(stack.project.folder);
  if (!override) return foldedModel(blueprint);
  const { services, networks } = parsed(await filledConfig(stack, blueprint), stack, override);
  return { services: services ?? {}, networks: networks ?? {} };
}

function parsed(
  { exitCode, stdout, stderr }: ComposeEnd,
  { project }: Stack,
  override: string,
): Partial<ComposeModel> {
  if (exitCode === 0) return JSON.parse(stdout);
  throw new GatherError('PROJECT_INVALID', `Compose cannot lay ${override} over compose.yaml`, {
    where: { file: join(project.folder, override) },
    details: lastLines(stderr, 10),
  });
}

/** The volumes that Compose would make, by their names on the engine; one that exists outside of the stack is not the stack's. */
export async function declaredVolumes(stack: Stack): Promise<Set<string>> {
  const { exitCode, stdout } = await wholeConfig(stack);
  if (exitCode !== 0) return new Set();
  const { volumes } = JSON.parse(stdout) as {
    volumes?: Record<string, { name: string; external?: boolean }>;
  };
  const own = Object.values(volumes ?? {}).filter(({ external }) => !external);
  return new Set(own.map(({ name }) => name));
}

const AS_JSON = ['--format', 'json'];

async function wholeConfig(stack: Stack, blueprint?: Blueprint): Promise<ComposeEnd> {
  const bare = await config({ ...stack, profiles: ['*'] }, ['--no-interpolate', ...AS_JSON]);
  // where that fails too, it is what `docker compose up` would say
  return bare.exitCode === 0 ? bare : filledConfig(stack, blueprint);
}

/** An image that is not there yet has no name in `.env`: any will do here. */
function filledConfig(stack: Stack, blueprint?: Blueprint): Promise<ComposeEnd> {
  const images = [...(blueprint?.images ?? []), ...(blueprint?.dockerfiles ?? [])];
  const unnamed = images.map(({ variable }) => variable).filter((name) => !stack.project.env.get(name));
  const names = Object.fromEntries(unnamed.map((name) => [name, 'to-be-made']));
  const env = { ...composeOptions(stack).env, ...names };
  return config({ ...stack, profiles: ['*'] }, AS_JSON, { env });
}

/** Compose's digest of each service of the stack's profiles as its files and `.env` say now; undefined when it cannot read them. */
export async function hashesOf(stack: Stack): Promise<Record<string, string> | undefined> {
  const { exitCode, stdout } = await config(stack, ['--hash', '*']);
  if (exitCode !== 0) return undefined;
  const lines = stdout.split('\n').filter(Boolean);
  return Object.fromEntries(lines.map((line) => line.trim().split(/\s+/) as [string, string]));
}

function config(stack: Stack, args: string[], more: Options = {}): Promise<ComposeEnd> {
  return runCompose(stack, ['config', ...args], { stdin: 'ignore', timeout: CONFIG_MS, ...more });
}
