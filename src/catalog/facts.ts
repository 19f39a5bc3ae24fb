import { interpolate, type Lookup, variablesIn } from '../project/interpolate.js';

/** What gather itself knows and a template of an image may name, as `${gather.airflow.version}`. */
export const FACTS = {
  'airflow.version': "Airflow's version, such as 2.11.2",
  'airflow.released': 'the day up to which packages are taken for it, YYYY-MM-DD',
  requirements: 'the Python packages that the components of the stack need, one a line',
} as const;
export type Fact = keyof typeof FACTS;

/** A fact where `${` really opens a reference: behind an even number of further dollar signs. */
const FACT = /(?<=(?<!\$)(?:\$\$)*\$\{)gather\.([\w.-]*)/g;
const STAND_IN = /^gather__(\d+)$/;

/** The names behind `gather.` in a template, known or not. */
export function factsIn(template: string): string[] {
  return [...template.matchAll(FACT)].map(([, name = '']) => name);
}

/** The variables of `.env` in a template, without the facts. */
export function templateVariables(template: string): string[] {
  return variablesIn(withStandIns(template)).filter((name) => !STAND_IN.test(name));
}

/** Compose's rules of interpolation, with facts. */
export function fillIn(template: string, fact: (name: Fact) => string, lookup: Lookup): string {
  const names = factsIn(template) as Fact[];
  return interpolate(withStandIns(template), (variable) => {
    const name = names[Number(STAND_IN.exec(variable)?.[1] ?? -1)];
    return name === undefined ? lookup(variable) : fact(name);
  });
}

/** Compose knows no dots in names. */
function withStandIns(template: string): string {
  let index = 0;
  return template.replace(FACT, () => `gather__${index++}`);
}
