import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeSpec } from '../../catalog/schema.js';
import type { EngineApi } from '../../engine/api.js';
import type { Reporter } from '../../output/events.js';
import type { Lookup } from '../../project/interpolate.js';
import { isSettled, type StackContainer } from '../observe/containers.js';
import { failed, type ProbeResult, passed, runProbe } from './probe.js';

/** How long a part that does not answer yet is left alone. */
const PAUSE_MS = 300;

/** What is known of a probe, and of which containers it is known: one that was replaced is asked anew. */
interface Found {
  ids: string;
  results: ProbeResult[];
}

/** The probes of a boot: each is asked as soon as the containers of its service are settled, while others still start. */
export class Readiness {
  private readonly found = new Map<ProbeSpec, Found>();
  /** Probe → resolves when it may be asked again. */
  private readonly asked = new Map<ProbeSpec, Promise<void>>();
  private readonly said = new Set<string>();

  constructor(
    private readonly docker: EngineApi,
    private readonly probes: ProbeSpec[],
    private readonly lookup: Lookup,
    private readonly report: Reporter,
  ) {}

  /** @param checked the containers whose health check has passed just now: where it asks the same, that is the answer. */
  ask(containers: StackContainer[], checked: ReadonlySet<string>): void {
    for (const probe of this.probes) {
      const own = containers.filter(({ service }) => service === probe.service);
      if (this.asked.has(probe) || this.hasPassed(probe, containers) || !own.every(isSettled)) continue;
      if (probe.same_as_healthcheck && own.length > 0 && own.every(({ id }) => checked.has(id)))
        this.keep(probe, own, passed(probe));
      else this.asked.set(probe, this.run(probe, containers, own));
    }
  }

  /** True when every probe has passed, with the containers that there are now. */
  isComplete(containers: StackContainer[]): boolean {
    return this.probes.every((probe) => this.hasPassed(probe, containers));
  }

  /** Of each probe that has not passed with these containers, what it found, or that it waits for an answer. */
  problems(containers: StackContainer[]): ProbeResult[] {
    return this.probes
      .filter((probe) => !this.hasPassed(probe, containers))
      .flatMap((probe) => {
        const found = this.found.get(probe)?.results.filter((result) => !result.passed) ?? [];
        return found.length ? found : failed(probe, 'no answer yet');
      });
  }

  /** Resolves when there is something new: an answer, or a probe that may be asked again. */
  async next(): Promise<void> {
    await (this.asked.size ? Promise.race(this.asked.values()) : new Promise(() => {}));
  }

  private async run(probe: ProbeSpec, containers: StackContainer[], own: StackContainer[]): Promise<void> {
    const results = await runProbe(this.docker, probe, containers, this.lookup);
    this.keep(probe, own, results);
    if (results.some((result) => !result.passed)) await sleep(PAUSE_MS);
    this.asked.delete(probe);
  }

  private keep(probe: ProbeSpec, own: StackContainer[], results: ProbeResult[]): void {
    this.found.set(probe, { ids: idsOf(own), results });
    for (const { service, says } of results.filter((result) => result.passed)) {
      if (this.said.has(`${service} ${says}`)) continue;
      this.said.add(`${service} ${says}`);
      this.report.event({ type: 'probe', service, says, passed: true });
    }
  }

  private hasPassed(probe: ProbeSpec, containers: StackContainer[]): boolean {
    const found = this.found.get(probe);
    const own = containers.filter(({ service }) => service === probe.service);
    return found?.ids === idsOf(own) && found.results.every((result) => result.passed);
  }
}

function idsOf(containers: StackContainer[]): string {
  return containers.map(({ id }) => id).join();
}
