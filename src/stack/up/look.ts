import { lookupOf } from '../../catalog/lookup.js';
import { connect } from '../../engine/api.js';
import { type Stack, stackName } from '../../engine/compose.js';
import { imagesReady } from '../../images/ensure.js';
import type { LeftOut } from '../left-out.js';
import { listContainers } from '../observe/containers.js';
import { difference } from '../observe/difference.js';
import { hashesOf } from '../observe/model.js';
import { type Wanted, wantedOf } from '../observe/wanted.js';
import { imageInputs, type OpenProject } from '../open.js';
import { answersQuickly } from '../ready/quick-probe.js';

/**
 * What is wanted of the stack, and whether it is there: every container runs as compose.yaml, its override and `.env` say now, on
 * the right images, and the parts answer.
 */
export async function look(
  stack: Stack,
  open: OpenProject,
  without: LeftOut,
): Promise<{ wanted: Wanted; isThere: boolean }> {
  const asked = hashesOf(stack);
  // who fails first says why
  asked.catch(() => {});
  const docker = await connect(stack.engine, stack.signal);
  const wanted = await wantedOf(stack, open.blueprint);
  const name = stackName(open.project);
  const containers = name ? await listContainers(docker, name, wanted) : [];
  if (containers.length === 0 || difference(wanted, containers, name).length > 0)
    return { wanted, isThere: false };
  const current = (variable: string) => open.project.env.get(variable);
  const lookup = lookupOf(open.blueprint, open.project.env);
  const [hashes, ready, answers] = await Promise.all([
    asked,
    imagesReady(imageInputs(open, without.components), stack.engine, current, stack.signal),
    Promise.all(wanted.probes.map((probe) => answersQuickly(docker, probe, containers, lookup))),
  ]);
  const isSame = hashes !== undefined && difference({ ...wanted, hashes }, containers, name).length === 0;
  return { wanted, isThere: isSame && ready && !answers.includes(false) };
}
