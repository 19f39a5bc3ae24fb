import { appendFileSync, chmodSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { imageName, isNamedIn } from '../../src/images/build-plan.js';
import { type ImageInputs, planImages, rootTag } from '../../src/images/plan.js';
import { parseManifest } from '../../src/project/manifest.js';
import { OWN, ownBlueprint, playCatalog } from '../catalog/play-catalog.js';
import { playInputs } from './play-images.js';

function ownInputs(topology: string, settings = '', own = OWN): ImageInputs {
  return {
    catalog: new Catalog([own]),
    blueprint: ownBlueprint([], topology),
    manifest: parseManifest(`topology: ${topology}\n${settings}`, 'gather.yaml'),
    lookup: () => undefined,
    folder: '/nowhere',
  };
}

const planOf = (inputs: ImageInputs, variable: string) => {
  const plan = planImages(inputs).find(({ spec }) => spec.variable === variable);
  return plan ?? expect.fail(`no plan for ${variable}`);
};

describe('where an image may be pulled from', () => {
  test('one that nobody publishes is never asked for, of no registry and of no mirror', () => {
    const inputs = ownInputs('clever-cloud', 'registry: mirror.example:5000\n');
    expect(planOf(inputs, 'MINIO_IMAGE').pulls).toEqual([]);
    expect(planOf(inputs, 'MINIO_IMAGE').build?.().tag).toMatch(/^localhost\/gather\/minio:[0-9a-f]{12}$/);
    expect(planOf(inputs, 'PROXY_IMAGE').pulls).toEqual([
      'mirror.example:5000/nginx:1.26',
      'mirror.example:5000/library/nginx:1.26',
    ]);
  });

  test("one that the default registry does not have is asked for of a registry of one's own alone", () => {
    const pulls = (settings: string) => planOf(ownInputs('git-sync', settings), 'GIT_SYNC_IMAGE').pulls;
    expect(pulls('')).toEqual([]);
    expect(pulls('registry: mirror.example:5000/hub\n')).toEqual([
      'mirror.example:5000/hub/git-sync/git-sync:v4.4.2',
    ]);
  });
});

describe("Airflow's image", () => {
  test('is what a project adds to the official one, or to its equal from packages', () => {
    const project = playCatalog({}).folder;
    const inputs = { ...ownInputs('celery'), folder: project };
    writeFileSync(join(project, 'requirements.txt'), 'polars\n');
    const airflow = planOf(inputs, 'AIRFLOW_IMAGE');
    expect(airflow.pulls).toEqual([]);
    expect(airflow.on?.pulls).toEqual(['apache/airflow:slim-2.11.2-python3.12']);
    const base = airflow.on?.build?.();
    expect(base).toMatchObject({
      args: { AIRFLOW_VERSION: '2.11.2', RELEASE_DATE: '2026-03-15' },
      bases: { base: rootTag(inputs.catalog) },
    });
    expect(base?.tag).toMatch(/^localhost\/gather\/airflow-base:2\.11\.2-[0-9a-f]{12}$/);
    const build = airflow.build?.('apache/airflow:slim-2.11.2-python3.12');
    expect(build).toMatchObject({
      args: { RELEASE_DATE: '2026-03-15' },
      bases: { 'airflow-base': 'apache/airflow:slim-2.11.2-python3.12' },
      files: { 'requirements.txt': Buffer.from('polars\n') },
    });
    expect(build?.tag).toMatch(/^localhost\/gather\/airflow:2\.11\.2-[0-9a-f]{12}$/);
    expect(String(build?.files['components.txt'])).toMatch(/^apache-airflow-providers-fab\n(\S+\n)+$/);
    expect(airflow.build?.(base?.tag).tag).not.toBe(build?.tag);
  });

  test('alone is for nobody but it', () => {
    const inner = planImages(ownInputs('celery')).filter(({ isInner }) => isInner);
    expect(inner.map(({ spec }) => spec.variable)).toEqual(['AIRFLOW_BASE_IMAGE']);
  });
});

describe('an image of any component', () => {
  const images = `
TOOL_IMAGE: { build: tool, args: { VERSION: "\${TOOL_VERSION}-\${gather.airflow.version}" }, files: { etc/a: "\${gather.requirements}", own: ./own.bin } }
ON_TOP_IMAGE: { registry: "on/top:1", build: top, on: TOOL_IMAGE }`;
  const stack = {
    images,
    about:
      'offers: { requirement: [{ package: one }, { package: two }] }\ncollects: { requirement: { package: text } }\nvariables: { TOOL_VERSION: { default: 7 } }',
    dockerfiles: { tool: 'FROM scratch\nCOPY --from=base /x /x\n', top: 'FROM tool\n' },
  };

  test('has the arguments and files that its component names', () => {
    const inputs = playInputs({ ...stack, files: { 'own.bin': 'ü' } });
    expect(planOf(inputs, 'TOOL_IMAGE').build?.()).toMatchObject({
      args: { VERSION: '7-2.11.2' },
      files: { 'etc/a': 'one\ntwo\n', own: Buffer.from('ü') },
      bases: { base: rootTag(inputs.catalog) },
    });
  });

  test('what the project does not have is empty', () => {
    expect(planOf(playInputs(stack), 'TOOL_IMAGE').build?.().files.own).toEqual(Buffer.alloc(0));
  });

  test('stands on another without the Debian of packages', () => {
    const inputs = playInputs(stack);
    const top = planOf(inputs, 'ON_TOP_IMAGE');
    expect(top.build?.('below:1')).toMatchObject({ bases: { tool: 'below:1' } });
    expect(planOf(inputs, 'TOOL_IMAGE').isInner).toBe(true);
    const used = playInputs({ ...stack, rest: 'services: { a: { image: "${TOOL_IMAGE}" } }\n' });
    expect(planOf(used, 'TOOL_IMAGE').isInner).toBe(false);
  });

  test('another argument, file or base is another tag; the version stands before it', () => {
    const tag = (change: Partial<ImageInputs> = {}, below?: string) => {
      const inputs = { ...playInputs(stack), ...change };
      return planOf(inputs, below ? 'ON_TOP_IMAGE' : 'TOOL_IMAGE').build?.(below).tag;
    };
    expect(tag()).toBe(tag());
    expect(tag({ lookup: () => '8' })).not.toBe(tag());
    expect(tag({}, 'a:1')).not.toBe(tag({}, 'b:1'));
    const versioned = playInputs({
      images: 'A_IMAGE: { build: a, args: { A_VERSION: 1.2 } }\nB_IMAGE: { build: b, on: A_IMAGE }',
      dockerfiles: { a: 'FROM base\n', b: 'FROM a\n' },
    });
    expect(planOf(versioned, 'B_IMAGE').build?.('x').tag).toMatch(/^localhost\/gather\/b:1\.2-/);
  });
});

test.each([
  ['FROM base', true],
  ['FROM --platform=$BUILDPLATFORM base AS x', true],
  ['FROM x AS base', false],
  ['FROM x\nCOPY --from=base a b', true],
  ['FROM x\nRUN --mount=type=bind,from=base,target=/b ls', true],
  ['FROM basement\n# FROM base', false],
])('%j names base: %s', (dockerfile, named) => {
  expect(isNamedIn(dockerfile, 'base')).toBe(named);
});

test.each([
  ['SOCKET_PROXY_IMAGE', 'socket-proxy'],
  ['TRINO', 'trino'],
  ['A__B_IMAGE', 'a-b'],
])('%s is called %s', (variable, name) => {
  expect(imageName(variable)).toBe(name);
});

describe("an image's folder", () => {
  const own = () => {
    const { folder } = playCatalog({});
    cpSync(OWN, folder, { recursive: true });
    const tag = () => planOf(ownInputs('celery', '', folder), 'REDIS_IMAGE').build?.().tag;
    return { folder: join(folder, 'components/redis/image'), tag };
  };

  test('what is there for people, or compiled by Python, does not count', () => {
    const { folder, tag } = own();
    const before = tag();
    writeFileSync(join(folder, 'README.md'), 'read me');
    mkdirSync(join(folder, 'sub/__pycache__'), { recursive: true });
    writeFileSync(join(folder, 'sub/__pycache__/a.pyc'), '');
    expect(tag()).toBe(before);
    writeFileSync(join(folder, 'sub/README.md'), 'of the image');
    expect(tag()).not.toBe(before);
  });

  test('a byte counts, also of what is no text', () => {
    const { folder, tag } = own();
    writeFileSync(join(folder, 'a.jar'), Buffer.from([0xff, 1]));
    const before = tag();
    writeFileSync(join(folder, 'a.jar'), Buffer.from([0xfe, 1]));
    const after = tag();
    expect(after).not.toBe(before);
    appendFileSync(join(folder, 'Dockerfile'), '# another line\n');
    expect(tag()).not.toBe(after);
  });

  test('so does whether a file may be run, and by nothing else of its mode', () => {
    const { folder, tag } = own();
    chmodSync(join(folder, 'docker-entrypoint.sh'), 0o644);
    const before = tag();
    chmodSync(join(folder, 'docker-entrypoint.sh'), 0o600);
    expect(tag()).toBe(before);
    chmodSync(join(folder, 'docker-entrypoint.sh'), 0o700);
    expect(tag()).not.toBe(before);
  });

  test('and a link, and where it leads', () => {
    const { folder, tag } = own();
    const before = tag();
    symlinkSync('docker-entrypoint.sh', join(folder, 'link'));
    const linked = tag();
    rmSync(join(folder, 'link'));
    symlinkSync('elsewhere', join(folder, 'link'));
    expect(new Set([before, linked, tag()]).size).toBe(3);
  });
});
