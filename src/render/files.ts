import { createHash } from 'node:crypto';
import type { Blueprint } from '../catalog/blueprint.js';
import { isSecret } from '../catalog/is-secret.js';
import { offered } from '../catalog/offers.js';
import type { Component, FileSpec, Offer } from '../catalog/schema.js';
import type { JsonValue } from '../model/fields.js';
import { GatherError, type Location } from '../output/errors.js';
import { interpolate, type Lookup, variablesIn } from '../project/interpolate.js';
import { FILES } from '../project/project.js';
import { fold, namesOf, whole } from './fold.js';
import { FORMATS, GENERATED, hasComments } from './formats.js';
import { isMap } from './merge.js';
import { offersOf } from './parts.js';

const ITEM = /\$\{item\.\w+\}/g;
const KEY = /^\$\{item\.(\w+)\}$/;

/** A file that a component has gather render. */
export interface ComponentFile {
  /** In the project. */
  path: string;
  text: string;
  /** True where a variable in it is a secret: then it is for its owner's eyes only, and not for git. */
  secret: boolean;
  /** False where the language has no comments, and so no place for a word on where the file comes from. */
  sealed: boolean;
}

/** The files of all components, with the values that `lookup` knows filled in; those with secrets only where `env` is there. */
export function componentFiles(blueprint: Blueprint, lookup: Lookup, hasEnv: boolean): ComponentFile[] {
  return declared(blueprint)
    .filter(({ secret }) => hasEnv || !secret)
    .flatMap((one) => render(blueprint, one, lookup));
}

/** Where components have files, be there what they are made of or not, and the folders that have one for each offer. */
export function filePlaces(blueprint: Blueprint, lookup: Lookup): { files: string[]; folders: string[] } {
  const all = declared(blueprint);
  return {
    files: [
      FILES.compose,
      FILES.envTemplate,
      ...all.flatMap((one) => itemsOf(blueprint, one).map((offer) => pathOf(blueprint, one, offer, lookup))),
    ],
    folders: all.filter(({ component, path }) => component.files[path]?.each).map(({ path }) => path),
  };
}

/**
 * Service → what changes when it has to be started anew for its files, and for the content of its configs, which Compose leaves out
 * of its own hash of a service (seen with 2.26.1). Secrets, as anybody may read a label, are no part of it.
 */
export function digestsOf(blueprint: Blueprint, lookup: Lookup): Record<string, string> {
  const blind: Lookup = (name) => (isSecret(name, blueprint.variables) ? '' : lookup(name));
  const texts = configTexts(blueprint, blind);
  for (const one of declared(blueprint))
    for (const service of one.component.files[one.path]?.service ?? [])
      for (const { path, text } of render(blueprint, one, blind))
        texts[service] = [...(texts[service] ?? []), `${path}\n${text}`];
  return Object.fromEntries(
    Object.entries(texts).map(([service, all]) => [
      service,
      createHash('sha256').update(all.join('\0')).digest('hex').slice(0, 16),
    ]),
  );
}

/** Service → the content that stands in the components for each config that it mounts. */
function configTexts(blueprint: Blueprint, lookup: Lookup): Record<string, string[]> {
  const { services, templates, resources } = fold(blueprint);
  const contentOf = (name: string) => {
    const config = resources.configs[name];
    if (!isMap(config) || typeof config.content !== 'string') return [];
    return [[name, config.content, ...variablesIn(config.content).map(lookup)].join('\n')];
  };
  return Object.fromEntries(
    services.flatMap((service) => {
      const texts = namesOf(whole(service, templates).configs).flatMap(contentOf);
      return texts.length ? [[service.name, texts] as const] : [];
    }),
  );
}

interface Declared {
  component: Component;
  path: string;
  secret: boolean;
}

function declared(blueprint: Blueprint): Declared[] {
  return blueprint.components.flatMap((component) =>
    Object.entries(component.files).map(([path, { value = null, each }]) => ({
      component,
      path,
      secret: namesIn(blueprint, value, each, () => component.at(['x-gather', 'files', path, 'value'])).some(
        (name) => isSecret(name, blueprint.variables),
      ),
    })),
  );
}

/** The variables that a file may have in it: those it names, and those of the offers that it is made of. */
function namesIn(
  blueprint: Blueprint,
  value: JsonValue,
  each: string | undefined,
  where: () => Location,
): string[] {
  const text = JSON.stringify(value);
  const kinds = [...text.matchAll(/"for":"([a-z0-9-]+)"/g)].map(([, kind = '']) => kind);
  const items = [...kinds, each ?? ''].flatMap((kind) => offersOf(blueprint, kind)).map(({ item }) => item);
  return variablesIn(`${text}${JSON.stringify(items)}`.replace(ITEM, ''), where);
}

function render(blueprint: Blueprint, one: Declared, lookup: Lookup): ComponentFile[] {
  const { component, path, secret } = one;
  const file = component.files[path];
  if (!file) return [];
  const at = (...keys: string[]) => component.at(['x-gather', 'files', path, ...keys]);
  const filler = new Filler(blueprint, lookup, () => at('value'));
  return itemsOf(blueprint, one).map((offer) => {
    const place = pathOf(blueprint, one, offer, lookup);
    try {
      return {
        path: place,
        text: textOf(place, file, (value) => filler.fill(value, offer)),
        secret,
        sealed: file.format === undefined || hasComments(file.format),
      };
    } catch (error) {
      // a format knows what is wrong, not where it was written
      if (!(error instanceof GatherError) || error.where) throw error;
      throw new GatherError(error.code, `${path}: ${error.message}`, {
        where: at('value'),
        hints: error.hints,
      });
    }
  });
}

/** In the language that a file has by its name, which is mostly one with `#`. */
function commented(path: string, text: string): string {
  return path.endsWith('.html') ? `<!-- ${text} -->` : `# ${text}`;
}

function textOf(
  path: string,
  { format, value, text }: FileSpec,
  fill: (value: JsonValue) => JsonValue | undefined,
): string {
  if (format === undefined) return `${commented(path, GENERATED)}\n${text ?? ''}`;
  return FORMATS[format](fill(value ?? null) ?? null);
}

/** What there is a file for. */
function itemsOf(blueprint: Blueprint, { component, path }: Declared): (Offer | undefined)[] {
  const kind = component.files[path]?.each;
  return kind ? offersOf(blueprint, kind) : [undefined];
}

function pathOf(
  blueprint: Blueprint,
  { component, path }: Declared,
  offer: Offer | undefined,
  lookup: Lookup,
): string {
  const file = component.files[path];
  const where = () => component.at(['x-gather', 'files', path, 'name']);
  const name = file?.name ? String(new Filler(blueprint, lookup, where).fill(file.name, offer) ?? '') : '';
  if (file?.each && !/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name))
    throw new GatherError('COMPONENT_INVALID', `"${name}" cannot be the name of a file`, { where: where() });
  return `${path}${name}`;
}

/** Fills a structure: `{for: KIND, each}` becomes a list, `${item.KEY}` what was offered, `${NAME}` the value of a variable. */
class Filler {
  constructor(
    private readonly blueprint: Blueprint,
    private readonly lookup: Lookup,
    private readonly where: () => ReturnType<Component['at']>,
  ) {}

  /** Undefined for a text that is nothing but a key which the offer does not have. */
  fill(value: JsonValue, offer: Offer | undefined): JsonValue | undefined {
    if (typeof value === 'string') return this.text(value, offer);
    if (Array.isArray(value)) return value.flatMap((item) => this.item(item, offer));
    if (!isMap(value)) return value;
    if (typeof value.for === 'string' && value.each !== undefined)
      return this.list(value.for, value.each as JsonValue);
    const filled = Object.entries(value).map(
      ([key, one]) => [key, this.fill(one as JsonValue, offer)] as const,
    );
    return Object.fromEntries(filled.filter(([, one]) => one !== undefined)) as JsonValue;
  }

  /** A list in a list is written into it. */
  private item(item: JsonValue, offer: Offer | undefined): JsonValue[] {
    const filled = this.fill(item, offer);
    if (filled === undefined) return [];
    return isMap(item) && 'for' in item && Array.isArray(filled) ? filled : [filled];
  }

  private list(kind: string, each: JsonValue): JsonValue[] {
    return offersOf(this.blueprint, kind).flatMap((offer) => {
      const filled = this.fill(each, offer);
      return filled === undefined ? [] : [filled];
    });
  }

  private text(template: string, offer: Offer | undefined): JsonValue | undefined {
    const whole = KEY.exec(template)?.[1];
    if (whole !== undefined) return this.offeredBy(offer, whole);
    // what was offered is filled in already: it must not be read as a template again
    const parts = template.split(/(\$\{item\.\w+\})/);
    return parts
      .map((part) => {
        const key = KEY.exec(part)?.[1];
        const value =
          key === undefined ? interpolate(part, this.lookup, this.where) : this.offeredBy(offer, key);
        return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
      })
      .join('');
  }

  /** What an offer says, or what is known of who offers it: `component`, `summary`, and the `profile` that starts it. */
  private offeredBy(offer: Offer | undefined, key: string): JsonValue | undefined {
    if (!offer) return undefined;
    if (key in offer.item) {
      const template = JSON.stringify(offer.item[key]);
      const value = offered(offer, key, this.lookup);
      return variablesIn(template).some((name) => this.lookup(name) === undefined) ? undefined : value;
    }
    const { name, summary, services } = offer.component;
    const profile = Object.values(services).flatMap(
      ({ profiles }) => (profiles as string[] | undefined) ?? [],
    )[0];
    const known: Record<string, string | undefined> = { component: name, summary, profile };
    return known[key];
  }
}
