// Peer 2: `airflow standalone` with LocalExecutor on PostgreSQL, from the same packages.
import { secondsUntil } from './measure.mjs';
import { Peer } from './peer.mjs';

export const standalone = (major, images) => new Peer('standalone/compose.yaml', { major, images });

/** Seconds from nothing until the scheduler is healthy in the body of the health answer. */
export async function bootStandalone(peer) {
  const start = performance.now();
  peer.start();
  await secondsUntil(() => peer.api.schedulerBeats(), { what: 'airflow standalone' });
  return (performance.now() - start) / 1000;
}
