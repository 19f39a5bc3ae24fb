import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { GatherError, type Location } from '../output/errors.js';
import { nearest } from '../output/nearest.js';
import { COMPONENT_FILE, readComponent, unknownComponent } from './component.js';
import type { Component, Topology } from './schema.js';
import { readTopology } from './topology.js';

/** Where components, topologies and images are looked for: gather's own folder, then the project's, which wins. */
export class Catalog {
  private readonly components = new Map<string, Component>();

  /**
   * @param roots folders that have `components/`, `topologies/` and `images/`; a later one replaces by name
   * @param project where the files of a project's own are
   */
  constructor(
    private readonly roots: string[],
    readonly project = '.',
  ) {}

  /** gather's own `compose/` and, when there is one, that of the project in `folder`. */
  static of(ownCompose: string, folder: string): Catalog {
    const theirs = resolve(folder, 'compose');
    const roots = theirs !== resolve(ownCompose) && existsSync(theirs) ? [ownCompose, theirs] : [ownCompose];
    return new Catalog(roots, folder);
  }

  componentNames(): string[] {
    return [...this.files('components').keys()].sort();
  }

  /** The examples of components that a stack does not have. */
  foreignExamples(chosen: Component[]): string[] {
    const own = new Set(chosen.flatMap((component) => component.examples));
    const all = this.all().flatMap((component) => component.examples);
    return all.filter((file) => !own.has(file));
  }

  /** Every component that there is. */
  all(): Component[] {
    return this.componentNames().map((name) => this.component(name));
  }

  /** The component that provides a part where nobody says which: one that stands in for no other. Undefined for the name of a component. */
  provider(part: string): Component | undefined {
    if (this.files('components').has(part)) return undefined;
    return this.all().find((one) => part in one.provides && one.replaces.length === 0);
  }

  topologyNames(): string[] {
    return [...this.files('topologies').keys()].sort();
  }

  /** @param where who names it, for the error when nobody knows it. */
  component(name: string, where?: () => Location | undefined): Component {
    const known = this.components.get(name);
    if (known) return known;
    const file = this.files('components').get(name);
    if (!file)
      throw unknownComponent(name, this.componentNames(), nearest(name, this.componentNames()), where?.());
    const component = readComponent(file);
    this.components.set(name, component);
    return component;
  }

  /** @param where who names it, for the error when nobody knows it. */
  topology(name: string, where?: () => Location | undefined): Topology {
    const file = this.files('topologies').get(name);
    if (file) return readTopology(file);
    const near = nearest(name, this.topologyNames());
    throw new GatherError(
      'TOPOLOGY_INVALID',
      `unknown topology "${name}"${near ? `; did you mean "${near}"?` : ''}`,
      {
        where: where?.(),
        hints: [`known: ${this.topologyNames().join(', ')}`],
      },
    );
  }

  /** The folder with the Dockerfile of an image: beside the component's file. */
  imageFolder(component: Component, build: string, where?: () => Location | undefined): string {
    const folder = join(dirname(component.file), build);
    if (existsSync(join(folder, 'Dockerfile'))) return folder;
    throw new GatherError('COMPONENT_INVALID', `there is no ${build}/Dockerfile beside ${component.file}`, {
      where: where?.(),
    });
  }

  /** What every image from packages stands on. Always gather's own: its script runs on the host. */
  baseFolder(): string {
    return join(this.roots[0] ?? '', 'base-image');
  }

  private readonly listings = new Map<string, Map<string, string>>();

  private files(kind: 'components' | 'topologies'): Map<string, string> {
    let listing = this.listings.get(kind);
    if (listing) return listing;
    listing = new Map();
    for (const root of this.roots) {
      const folder = join(root, kind);
      if (!existsSync(folder)) continue;
      for (const entry of readdirSync(folder).sort()) {
        const inFolder = join(folder, entry, COMPONENT_FILE);
        if (/\.ya?ml$/.test(entry)) listing.set(entry.replace(/\.ya?ml$/, ''), join(folder, entry));
        else if (kind === 'components' && existsSync(inFolder)) listing.set(entry, inFolder);
      }
    }
    this.listings.set(kind, listing);
    return listing;
  }
}
