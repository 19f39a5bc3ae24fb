import { lookupOf } from '../../catalog/lookup.js';
import { runCompose, type Stack } from '../../engine/compose.js';
import { GatherError } from '../../output/errors.js';
import { lastLines } from '../../output/text.js';
import { interpolate } from '../../project/interpolate.js';
import { componentFiles } from '../../render/files.js';
import type { OpenProject } from '../open.js';
import { redactor } from '../redact.js';

/** A file that a service takes while it runs, and the service. */
export interface Applied {
  path: string;
  service: string;
}

/**
 * Brings files into services that run already, each by the command that its component names: a database that somebody asks for now
 * is there before the one who asks is started. The command reads the file from its standard input; nothing of it is in argv.
 * @param runs whether a service runs; the others take their files when they start
 * @throws COMMAND_FAILED with the last lines that the command said
 */
export async function applyFiles(
  { project, blueprint }: OpenProject,
  stack: Stack,
  runs: (service: string) => boolean,
): Promise<Applied[]> {
  const lookup = lookupOf(blueprint, project.env);
  const wanted = blueprint.components.flatMap(({ files }) =>
    Object.entries(files).flatMap(([path, { apply }]) =>
      apply && runs(apply.service) ? [{ path, apply }] : [],
    ),
  );
  if (wanted.length === 0) return [];
  const texts = new Map(componentFiles(blueprint, lookup, true).map(({ path, text }) => [path, text]));
  for (const { path, apply } of wanted) {
    const command = apply.command.map((word) => interpolate(word, lookup));
    const args = ['exec', '-T', apply.service, ...command];
    const result = await runCompose(stack, args, { input: texts.get(path) ?? '' });
    if (result.exitCode === 0) continue;
    throw new GatherError('COMMAND_FAILED', `${path} failed in ${apply.service}`, {
      details: lastLines(redactor(blueprint, project.env)(result.stderr), 5),
      hints: [`gather logs ${apply.service}`],
    });
  }
  return wanted.map(({ path, apply }) => ({ path, service: apply.service }));
}
