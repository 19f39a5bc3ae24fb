import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event } from '../../../src/output/events.js';
import { BootRecorder, readBootRecord, writeBootRecord } from '../../../src/stack/up/boot-record.js';
import { timelineHtml } from '../../../src/stack/up/timeline.js';
import { barsOf, waterfall } from '../../../src/stack/up/waterfall.js';

/** A boot of two containers, told at these milliseconds. */
const BOOT: [number, Event][] = [
  [400, { type: 'progress-done', subject: 'airflow-project', seconds: 0.3 }],
  [500, service('postgres', 'created')],
  [600, service('web', 'created', ['postgres'])],
  [1000, service('postgres', 'starting')],
  [2000, service('postgres', 'healthy')],
  [2500, service('web', 'starting')],
  [6000, service('web', 'healthy')],
  [6100, { type: 'phase-done', phase: 'services', seconds: 5.7, text: '2 containers run' }],
  [6400, { type: 'probe', service: 'web', says: 'scheduler is healthy', passed: true }],
];

function service(name: string, state: 'created' | 'starting' | 'healthy', waitsFor?: string[]): Event {
  return {
    type: 'service',
    service: name,
    container: `${name}-1`,
    state,
    seconds: 0,
    ...(waitsFor ? { waitsFor } : {}),
  };
}

function recorded(events = BOOT) {
  let now = 0;
  const told: Event[] = [];
  const recorder = new BootRecorder({ event: (event) => told.push(event), close: () => {} }, () => now);
  for (const [at, event] of events) {
    now = at;
    recorder.event(event);
  }
  return { record: recorder.record('2.11.2', true), told };
}

describe('the record of a boot', () => {
  test('hands every event on', () => {
    expect(recorded().told).toEqual(BOOT.map(([, event]) => event));
  });

  test('knows how long work took that no event tells of', async () => {
    let now = 0;
    const recorder = new BootRecorder({ event: () => {}, close: () => {} }, () => now);
    const work = recorder.timed('engine', Promise.resolve('it'));
    now = 9000;
    expect(await work).toBe('it');
    expect(recorder.record('2.11.2', true).phases).toEqual([{ name: 'engine', from: 0, to: 9 }]);
  });

  test('knows when each container was made, started and usable, and what it waited for', () => {
    const { containers, seconds } = recorded().record;
    expect(seconds).toBe(6.4);
    expect(containers[0]).toMatchObject({ container: 'postgres-1', created: 0.5, started: 1, settled: 2 });
    expect(containers[1]).toMatchObject({ started: 2.5, settled: 6, waitedFor: ['postgres'] });
  });

  test('forgets the container that Compose has replaced', () => {
    const gone: Event = { type: 'service', service: 'web', container: 'web-1', state: 'missing', seconds: 0 };
    const { containers } = recorded([...BOOT, [7000, gone]]).record;
    expect(containers.map((one) => one.container)).toEqual(['postgres-1']);
  });
});

describe('on disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gather-record-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('it is read as it was written', () => {
    const { record } = recorded();
    writeBootRecord(folder, record);
    expect(readBootRecord(folder)).toEqual(record);
  });

  test('a damaged or foreign file is none', () => {
    expect(readBootRecord(folder)).toBeUndefined();
    mkdirSync(join(folder, '.gather'));
    const cut = '{"seconds":1,"containers":[],"phases":[]}';
    for (const text of ['{"seconds": 1', '[]', 'null', '{"seconds":"1"}', cut]) {
      writeFileSync(join(folder, '.gather/last-boot.json'), text);
      expect(readBootRecord(folder)).toBeUndefined();
      expect(readFileSync(join(folder, '.gather/last-boot.json'), 'utf8')).toBe(text);
    }
  });
});

describe('the waterfall', () => {
  test.each([24, 40, 80, 120])('keeps to %i columns', (width) => {
    const lines = waterfall(recorded().record, width).split('\n');
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
  });

  test('what begins in the last moment has a bar', () => {
    const { record } = recorded([...BOOT, [6401, service('flower', 'starting')]]);
    expect(waterfall(record, 80)).toMatch(/flower-1 +6\.4 +█$/m);
  });

  test('shows waiting before work', () => {
    const web = waterfall(recorded().record, 80)
      .split('\n')
      .find((line) => line.includes('web-1'));
    expect(web).toMatch(/web-1 +6\.0 +░+█+$/);
  });

  test('a container that never settled lasts until the end, and says so', () => {
    const { record } = recorded(BOOT.filter(([at]) => at !== 6000));
    const web = barsOf(record).find((bar) => bar.name === 'web-1');
    expect(web).toMatchObject({ to: record.seconds });
    expect(web?.says).toContain('starting, not settled');
  });
});

describe('the HTML page', () => {
  test('needs nothing from elsewhere and runs nothing', () => {
    const html = timelineHtml(recorded().record, 'mine');
    expect(html).not.toMatch(/<script|<link|src=|url\(|https?:/);
    expect(html).toContain('usable after 6.4 s');
  });

  test('says in its table what the bars say', () => {
    const html = timelineHtml(recorded().record, 'mine');
    expect(html).toContain(
      '<td>web-1</td><td class="n">0.60</td><td class="n">2.50</td><td class="n">6.00</td>',
    );
    expect(html).toContain('scheduler is healthy');
  });

  test('a name is text', () => {
    const html = timelineHtml(recorded().record, '<b>&"\'');
    expect(html).not.toContain('<b>');
    expect(html).toContain('&#60;b&#62;&#38;&#34;&#39;');
  });
});
