import type Dockerode from 'dockerode';
import type { Reporter } from '../../output/events.js';
import type { StackContainer } from '../containers.js';
import { cutOff } from '../networks.js';
import type { StackShape } from '../shape.js';

/**
 * Mends what Compose leaves as it is; true when there was something. A paused container is thawed; it is restarted, as an unhealthy
 * one is, for Docker would call it unhealthy until its next check, up to a minute later. One that was cut from a network is taken
 * away: Compose makes it anew.
 */
export async function revive(
  docker: Dockerode,
  stack: string,
  shape: StackShape,
  containers: StackContainer[],
  report: Reporter,
): Promise<boolean> {
  const alone = cutOff(containers, shape, stack).map(({ container }) => container);
  const sick = containers.filter((one) => one.state === 'paused' || one.state === 'unhealthy');
  const say = (one: StackContainer, text: string) =>
    report.event({ type: 'note', text: `${one.label} ${text}` });
  await Promise.all([
    ...alone.map(async (one) => {
      say(one, 'was cut from a network, and is made anew');
      await docker.getContainer(one.id).remove({ force: true });
    }),
    ...sick
      .filter((one) => !alone.includes(one))
      .map(async (one) => {
        say(one, `was ${one.state}, and is restarted`);
        const container = docker.getContainer(one.id);
        if (one.state === 'paused') await container.unpause();
        await container.restart({ t: 10 });
      }),
  ]);
  return alone.length + sick.length > 0;
}
