import type Dockerode from 'dockerode';
import { answerOf } from '../../engine/api.js';
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
  docker: Dockerode,
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
      await docker.getContainer(one.id).remove({ force: true });
    }),
    ...unstarted
      .filter((one) => !alone.includes(one))
      .map((one) => docker.getContainer(one.id).remove({ force: true })),
    ...sick
      .filter((one) => !alone.includes(one))
      .map(async (one) => {
        say(one, `was ${one.state}, and is restarted`);
        const container = docker.getContainer(one.id);
        if (one.state === 'paused') await container.unpause();
        await container.restart({ t: 10 });
      }),
  ]);
  return alone.length + unstarted.length + sick.length > 0;
}

/** Those that the engine was told to start and could not. */
async function refused(docker: Dockerode, containers: StackContainer[]): Promise<StackContainer[]> {
  const created = containers.filter((one) => one.state === 'created');
  const errors = await Promise.all(
    created.map(({ id }) =>
      answerOf(docker.getContainer(id).inspect()).then(
        ({ State }) => State.Error,
        () => '',
      ),
    ),
  );
  return created.filter((_, i) => errors[i]);
}
