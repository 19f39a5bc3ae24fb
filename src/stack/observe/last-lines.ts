import type { EngineApi } from '../../engine/api.js';
import { logText } from '../../engine/log-text.js';
import { lastLines } from '../../output/text.js';

/** The last lines that a container wrote. */
export async function lastLogLines(docker: EngineApi, container: string, count: number): Promise<string[]> {
  return lastLines(logText(await docker.containerLog(container, count)), count);
}
