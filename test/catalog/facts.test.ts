import { expect, test } from 'vitest';
import { factsIn, fillIn, templateVariables } from '../../src/catalog/facts.js';

const fill = (template: string) =>
  fillIn(
    template,
    (name) => `<${name}>`,
    (name) => (name === 'A' ? '$B' : undefined),
  );

test.each([
  ['${gather.airflow.version}', '<airflow.version>'],
  ['a ${gather.requirements} $A ${gather.airflow.released}', 'a <requirements> $B <airflow.released>'],
  ['${NONE:-${gather.airflow.version}}', '<airflow.version>'],
  ['$${gather.airflow.version} $$$${A}', '${gather.airflow.version} $${A}'],
  ['$$${gather.airflow.version}', '$<airflow.version>'],
  ['gather.airflow.version', 'gather.airflow.version'],
])('%j', (template, text) => {
  expect(fill(template)).toBe(text);
});

test('facts and variables of a template are told apart', () => {
  const template = '${gather.x}-${A}-${B:-${gather.requirements}${C}}';
  expect(factsIn(template)).toEqual(['x', 'requirements']);
  expect(templateVariables(template)).toEqual(['A', 'B', 'C']);
});
