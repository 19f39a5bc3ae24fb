// LocalExecutor without redis and workers, cold, against `airflow standalone` from the same packages on PostgreSQL.
import { median, seconds } from '../measure.mjs';
import { bootStandalone, standalone } from '../standalone.mjs';
import { preparedStack } from './sides.mjs';

const GOAL = 1.3;
/** `airflow standalone` has no S3 server beside it, so ours has none either. */
const WITHOUT_S3 = {
  topology: 'clever-cloud',
  components: ['external-s3'],
  settings: [
    'S3_ENDPOINT=http://localhost:9',
    'AIRFLOW__LOGGING__REMOTE_LOGGING=false',
    'S3_LOGS_ACCESS_KEY=none',
  ],
};

export async function local({ version, runs, rows }) {
  const { stack, images } = preparedStack(version, WITHOUT_S3);
  const peer = standalone(stack.major, images);
  const times = { peer: [], gather: [] };
  for (let run = 0; run < runs; run++) {
    times.peer.push(await bootStandalone(peer));
    peer.down({ volumes: true });
    times.gather.push(await seconds(() => stack.up()));
    stack.down({ volumes: true });
  }
  const [theirs, ours] = [median(times.peer), median(times.gather)];
  const row = { part: 'local', version, figure: 'LocalExecutor, cold', unit: 's', runs };
  rows.push({ ...row, side: 'airflow standalone', value: theirs });
  const ratio = ours / theirs;
  rows.push({ ...row, side: 'gather', value: ours, ratio, goal: `≤ ${GOAL}×`, met: ratio <= GOAL });
  peer.remove();
  stack.remove();
}
