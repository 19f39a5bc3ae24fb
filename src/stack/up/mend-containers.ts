import type { EngineApi } from '../../engine/api.js';
import { unlessRefused } from '../../engine/failure.js';
import type { Reporter } from '../../output/events.js';
import type { StackContainer } from '../observe/containers.js';
import { difference } from '../observe/difference.js';
import type { Wanted } from '../observe/wanted.js';

/**
 * Mends what Compose leaves as it is; true when there was something. A paused container is thawed; it is restarted, as an unhealthy
 * one is, for Docker would call it unhealthy until its next check, up to a minute later. One that was cut from a network is taken
 * away, as is one that was made and could not be started: Compose makes it anew.
 */
export async function revive(
  docker: EngineApi,
  stack: string,
  wanted: Wanted,
  containers: StackContainer[],
  report: Reporter,
): Promise<boolean> {
  const alone = difference(wanted, containers, stack).flatMap(({ kind, container }) =>
    kind === 'cut off' && container ? [container] : [],
  );
  const unstarted = await refused(docker, containers);
  const sick = containers.filter((one) => one.state === 'paused' || one.state === 'unhealthy');
  const say = (one: StackContainer, text: string) =>
    report.event({ type: 'note', text: `${one.label} ${text}` });
  await Promise.all([
    ...alone.map(async (one) => {
      say(one, 'was cut from a network, and is made anew');
      await docker.removeContainer(one.id);
    }),
    ...unstarted.filter((one) => !alone.includes(one)).map((one) => docker.removeContainer(one.id)),
    ...sick
      .filter((one) => !alone.includes(one))
      .map(async (one) => {
        say(one, `was ${one.state}, and is restarted`);
        if (one.state === 'paused') await docker.unpauseContainer(one.id);
        await docker.restartContainer(one.id, 10);
      }),
  ]);
  return alone.length + unstarted.length + sick.length > 0;
}

/** Those that the engine was told to start and could not. */
async function refused(docker: EngineApi, containers: StackContainer[]): Promise<StackContainer[]> {
  const created = containers.filter((one) => one.state === 'created');
  const errors = await Promise.all(
    created.map(async ({ id }) => (await unlessRefused(docker.inspectContainer(id)))?.State.Error),
  );
  return created.filter((_, i) => errors[i]);
}
