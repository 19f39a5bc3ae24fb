import { GatherError } from '../output/errors.js';
import { nearest } from '../output/nearest.js';
import type { Component, OfferKeys } from './schema.js';

type Path = (string | number)[];

/** `for KIND:` in a service, as `src/render/expand.ts` reads it. */
const FOR = /^for (\S+)$/;
const ITEM = /\$\{item\.(\w+)\}/g;

/** What is known in a file of who offers something, beside what it says itself. */
export const OF_THE_OFFERER = ['component', 'summary', 'profile'] as const;

/** Whether there is anything to check: most components take no offers, and to know where each text stands takes longer than to read it. */
function namesOffers(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('${item.');
  if (typeof value !== 'object' || value === null) return false;
  for (const [key, one] of Object.entries(value))
    if (key.startsWith('for ') || key.includes('${item.') || namesOffers(one)) return true;
  return false;
}

/**
 * What services and files make of offers: each kind is one that somebody collects, each `${item.KEY}` a key that its offers can have.
 * A slip would give nothing without a word. Throws COMPONENT_INVALID with file and line.
 * @param own the kinds that the stack collects
 * @param elsewhere those of every component that there is, asked only for one that the stack does not collect
 */
export function checkKinds(
  component: Component,
  own: Record<string, OfferKeys>,
  elsewhere: () => Record<string, OfferKeys>,
): void {
  if (namesOffers(component.services)) inService(component.services, ['services']);
  if (namesOffers(component.changes)) inService(component.changes, ['x-gather', 'changes']);
  for (const [path, { value, each, name }] of Object.entries(component.files)) {
    const at = ['x-gather', 'files', path];
    const keys = each === undefined ? undefined : keysOf(each, [...at, 'each']);
    checkText(name, [...at, 'name'], keys);
    inFile(value, [...at, 'value'], keys);
  }

  function inService(value: unknown, path: Path, keys?: string[]): void {
    if (typeof value === 'string') checkText(value, path, keys);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, one] of Object.entries(value)) {
      const kind = FOR.exec(key)?.[1];
      checkText(key, [...path, key], keys);
      inService(one, [...path, key], kind === undefined ? keys : keysOf(kind, [...path, key]));
    }
  }

  function inFile(value: unknown, path: Path, keys?: string[]): void {
    if (typeof value === 'string') checkText(value, path, keys && [...keys, ...OF_THE_OFFERER]);
    if (typeof value !== 'object' || value === null) return;
    const { for: kind, each } = value as Record<string, unknown>;
    if (typeof kind === 'string' && each !== undefined)
      inFile(each, [...path, 'each'], keysOf(kind, [...path, 'for']));
    else for (const [key, one] of Object.entries(value)) inFile(one, [...path, key], keys);
  }

  function keysOf(kind: string, path: Path): string[] {
    const keys = own[kind] ?? elsewhere()[kind];
    if (!keys)
      throw invalid(
        `no component collects offers of the kind "${kind}"`,
        kind,
        { ...own, ...elsewhere() },
        path,
      );
    return Object.keys(keys);
  }

  function checkText(template: string | undefined, path: Path, keys: string[] | undefined): void {
    for (const [whole, key = ''] of template?.matchAll(ITEM) ?? []) {
      if (!keys) throw invalid(`${whole} stands outside of what is said of each offer`, '', {}, path);
      if (!keys.includes(key))
        throw invalid(
          `offers have no "${key}" here`,
          key,
          Object.fromEntries(keys.map((one) => [one, 1])),
          path,
        );
    }
  }

  function invalid(problem: string, name: string, known: Record<string, unknown>, path: Path): GatherError {
    const near = nearest(name, Object.keys(known));
    return new GatherError('COMPONENT_INVALID', `${problem}${near ? `; did you mean "${near}"?` : ''}`, {
      where: component.at(path),
      hints: Object.keys(known).length ? [`known: ${Object.keys(known).sort().join(', ')}`] : [],
    });
  }
}
