import { expect, test } from 'vitest';
import type { Blueprint } from '../../src/catalog/blueprint.js';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { renderComposeFile } from '../../src/render/compose-file.js';
import { component, playCatalog } from '../catalog/play-catalog.js';

/** A stack of so many components, each with a service, a variable, an image and a change to the one before. */
function blueprintOf(count: number): Blueprint {
  const names = Array.from({ length: count }, (_, i) => `part-${i}`);
  const texts = names.map((name, i) => {
    const change = i && `\nchanges:\n  part-${i - 1}: { environment: { NEXT: "${i}" } }`;
    return component(
      `variables:\n  PART_${i}: { default: ${i} }\nimages:\n  IMAGE_${i}: { registry: "i:${i}", build: i }${change || ''}`,
      `services:\n  ${name}: { image: "\${IMAGE_${i}}", environment: { A: "\${PART_${i}}" }, networks: [n] }\nnetworks: { n: }\n`,
    );
  });
  const files = Object.fromEntries(names.map((name, i) => [`components/${name}`, texts[i] ?? '']));
  const { catalog } = playCatalog({ ...files, 'topologies/mine': `components: [${names.join(', ')}]\n` });
  return resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' });
}

/** Processor time in microseconds, the least of several: what else the machine does counts as little as possible. */
function costOf(blueprint: Blueprint): number {
  const times = Array.from({ length: 7 }, () => {
    const before = process.cpuUsage();
    renderComposeFile(blueprint);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.min(...times);
}

test('ten times the components take about ten times as long, not a hundred', () => {
  const [small, big] = [blueprintOf(40), blueprintOf(400)];
  costOf(small);
  expect(costOf(big) / costOf(small)).toBeLessThan(20);
  expect(renderComposeFile(big).match(/^ {2}part-/gm)).toHaveLength(400);
});
