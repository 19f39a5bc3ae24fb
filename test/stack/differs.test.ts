import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { parseComponent } from '../../src/catalog/component.js';

const COMPOSE = fileURLToPath(new URL('../../compose', import.meta.url));

test('a setting that differs is one that its component, or the one it changes, sets', () => {
  const catalog = Catalog.of(COMPOSE, '/nowhere');
  const components = catalog.componentNames().map((name) => catalog.component(name));
  const declared = new Set(components.flatMap((one) => one.variables.map((variable) => variable.name)));
  const settings = components
    .flatMap((one) => one.differs)
    .filter(({ setting }) => /^[A-Z_]+$/.test(setting));
  expect(settings.length).toBeGreaterThan(5);
  for (const { setting, here } of settings) expect(declared.has(setting) || here !== undefined).toBe(true);
});

test('a difference says what production has, and why', () => {
  const text = 'x-gather:\n  summary: a\n  differs:\n    SPEED: { here: fast }\nservices: {}\n';
  expect(() => parseComponent(text, 'a.yaml')).toThrow(/x-gather.differs.SPEED needs "production"/);
});
