import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { Catalog } from '../../src/catalog/catalog.js';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { parseManifest } from '../../src/project/manifest.js';
import { renderComposeFile } from '../../src/render/compose-file.js';
import { OWN } from './play-catalog.js';

const catalog = new Catalog([OWN]);
const manifestOf = (launcher: string) => parseManifest(`topology: celery\n${launcher}`, 'gather.yaml');
const rendered = (launcher: string) => renderComposeFile(resolveBlueprint(catalog, manifestOf(launcher)));

test('plain is the default, and hands nothing to Airflow', () => {
  expect(manifestOf('').launcher).toBe('plain');
  expect(rendered('launcher: plain\n')).toBe(rendered(''));
  expect(rendered('')).not.toContain('GATHER_LAUNCHER');
});

test('fast reaches every service of Airflow and no other', () => {
  const { services } = parse(rendered('launcher: fast\n'), { merge: true });
  const fast = Object.keys(services).filter((name) => services[name].environment?.GATHER_LAUNCHER === 'fast');
  const ofAirflow = Object.keys(services).filter((name) => /AIRFLOW_IMAGE/.test(services[name].image));
  expect(fast.sort()).toEqual(ofAirflow.sort());
  expect(fast).toContain('airflow-scheduler');
});

test('and each of them says where it keeps what became of its patches', () => {
  const { services } = parse(rendered('launcher: fast\n'), { merge: true });
  const labelled = Object.keys(services).filter((name) => services[name].labels?.['gather.patches']);
  const fast = Object.keys(services).filter((name) => services[name].environment?.GATHER_LAUNCHER === 'fast');
  expect(labelled.sort()).toEqual(fast.sort());
  expect(rendered('')).not.toContain('gather.patches');
});

test('another word is refused where it stands', () => {
  expect(() => manifestOf('launcher: quick\n')).toThrow(
    expect.objectContaining({ code: 'PROJECT_INVALID', where: expect.objectContaining({ line: 2 }) }),
  );
});
