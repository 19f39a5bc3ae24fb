import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { lookupIn } from '../../src/catalog/lookup.js';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import type { ImageInputs } from '../../src/images/plan.js';
import { parseManifest } from '../../src/project/manifest.js';

/** A stack of one component with some images, whose text is YAML under `images:`; further files by their path in the project. */
export interface PlayStack {
  images: string;
  /** Further YAML of the component, from its first column. */
  rest?: string;
  /** Further YAML of the `x-gather` block, such as `requires: [a]`. */
  about?: string;
  /** The text of each image's Dockerfile, by its folder. */
  dockerfiles?: Record<string, string>;
  files?: Record<string, string>;
  /** Lines of gather.yaml. */
  settings?: string;
}

/** A project folder with a catalog of its own, the base image among it. */
export function playInputs(stack: PlayStack): ImageInputs {
  const folder = mkdtempSync(join(tmpdir(), 'gather-images-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const indented = (text: string, by: string) => text.trim().replace(/^/gm, by);
  const about = stack.about ? `${indented(stack.about, '  ')}\n` : '';
  put(
    'compose/components/part.yaml',
    `x-gather:\n  summary: A part\n${about}  images:\n${indented(stack.images, '    ')}\n${stack.rest ?? ''}`,
  );
  put('compose/topologies/play.yaml', 'components: [part]\n');
  put('compose/base-image/bootstrap.sh', '#!/bin/sh\n');
  for (const [name, text] of Object.entries(stack.dockerfiles ?? {}))
    put(`compose/components/${name}/Dockerfile`, text);
  for (const [path, text] of Object.entries(stack.files ?? {})) put(path, text);
  const catalog = new Catalog([join(folder, 'compose')]);
  const manifest = parseManifest(`topology: play\n${stack.settings ?? ''}`, 'gather.yaml');
  const blueprint = resolveBlueprint(catalog, { topology: 'play', components: [], airflow: '2.11.2' });
  return { catalog, blueprint, manifest, folder, lookup: lookupIn(blueprint.variables, () => undefined) };
}
