import { join } from 'node:path';
import { Catalog } from '../catalog/catalog.js';
import type { Component } from '../catalog/schema.js';
import { rows } from '../output/columns.js';
import { findProject } from '../project/project.js';
import { ownServices } from '../render/fold.js';
import { type CommandModule, examples } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command.argument('[name]', 'one of them in full');
    examples(command, {
      'gather components': "gather's own and those in compose/components of the project",
      'gather components flower': 'what it brings',
    });
  },

  async run(context, [name]) {
    const catalog = Catalog.of(join(context.home, 'compose'), findProject(context.folder) ?? context.folder);
    if (name) {
      const component = catalog.component(name);
      return { data: dataOf(component), text: details(component) };
    }
    const all = catalog.componentNames().map((one) => catalog.component(one));
    return {
      data: all.map(({ name: id, summary, file }) => ({ name: id, summary, file })),
      text: rows(all.map((one) => [one.name, one.summary])).join('\n'),
    };
  },
};

/** What the file says; an offer without the way back to the component. */
function dataOf(component: Component): object {
  const offers = component.offers.map(({ kind, item }) => ({ kind, ...item }));
  return { ...component, offers };
}

function details(component: Component): string {
  const facts: [string, string[]][] = [
    ['requires', component.requires],
    ['replaces', component.replaces],
    ['conflicts', component.conflicts],
    ['services', ownServices(component)],
    ['changes', Object.keys(component.changes)],
    ['variables', component.variables.map((variable) => variable.name)],
    [
      'images',
      component.images.map(
        (image) => image.registry ?? image.mirrored ?? `${image.variable} (built from packages)`,
      ),
    ],
    ['Dockerfiles', component.dockerfiles.map((one) => one.file)],
    ['provides', Object.keys(component.provides)],
    ['offers', [...new Set(component.offers.map(({ kind }) => kind))]],
    ['collects', Object.keys(component.collects)],
    ['files', Object.keys(component.files)],
  ];
  return [
    `${component.name}: ${component.summary}`,
    `file: ${component.file}`,
    ...facts.filter(([, values]) => values.length).map(([title, values]) => `${title}: ${values.join(', ')}`),
  ].join('\n');
}
