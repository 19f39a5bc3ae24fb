import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { foldersOf } from '../../src/project/project.js';

test('the folders of a project are those that every one may have, and those that its services are given', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gather-folders-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(foldersOf(folder)).toEqual(['dags', 'logs', 'config', 'plugins', 'compose']);
  writeFileSync(
    join(folder, 'compose.yaml'),
    `services:
  a:
    image: mirror.example/of/images:1
    volumes:
      - \${AIRFLOW_PROJ_DIR:-.}/seeds:/seeds
      - data:/var/lib/data
      - { type: bind, source: ./lake/catalog.properties, target: /etc/lake/catalog.properties }
`,
  );
  expect(foldersOf(folder)).toEqual(['dags', 'logs', 'config', 'plugins', 'compose', 'seeds', 'lake']);
});
