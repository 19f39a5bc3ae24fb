import { engineNotFound, findEngine } from '../engine/discover.js';
import type { Engine } from '../engine/engine.js';
import { startManaged } from '../engine/managed/daemon.js';
import { assertSupported } from '../engine/managed/install.js';
import { isInstalled } from '../engine/managed/paths.js';
import { GatherError } from '../output/errors.js';
import type { Reporter } from '../output/events.js';

/** How to get at an engine: the one that answers, or the managed one once that is agreed to. */
export interface EngineOffer {
  engine(signal?: AbortSignal): Promise<Engine>;
  /** True when it still has to be installed. */
  isSlow: boolean;
}

/**
 * Looks for an engine; where none answers and this machine can run the managed one, asks `agree` first.
 * Throws ENGINE_NOT_FOUND where it cannot, NEEDS_YES where nobody agrees.
 */
export async function offerEngine(
  agree: (question: string) => Promise<boolean>,
  report: Reporter,
  signal: AbortSignal,
): Promise<EngineOffer> {
  const { engine, tried } = await findEngine(signal);
  if (engine) return { engine: async () => engine, isSlow: false };
  if (process.platform !== 'linux') throw engineNotFound(tried);
  assertSupported();
  if (!(await agree('No Docker Engine answers. Start a private one, managed by gather?')))
    throw new GatherError('NEEDS_YES', 'no Docker Engine answers, and none was started', {
      details: tried.map((one) => `${one.source} (${one.host}): ${one.problem}`),
      hints: ['gather up --yes starts a private engine', 'gather engine start'],
    });
  const start = async (signal?: AbortSignal) => {
    const started = Date.now();
    const tell = (text: string) => report.event({ type: 'progress', subject: 'engine', text });
    const managed = await startManaged(tell, signal);
    report.event({
      type: 'phase-done',
      phase: 'engine',
      seconds: (Date.now() - started) / 1000,
      text: `Docker Engine ${managed.version}`,
    });
    return managed;
  };
  return { engine: start, isSlow: !isInstalled() };
}
