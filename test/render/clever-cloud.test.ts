import { expect, test } from 'vitest';
import { renderComposeFile } from '../../src/render/compose-file.js';
import { renderProject } from '../../src/render/project-files.js';
import { fault, ownBlueprint } from '../catalog/play-catalog.js';

const blueprint = ownBlueprint([], 'clever-cloud');

test('compose.yaml of clever-cloud is as it was', async () => {
  await expect(renderComposeFile(blueprint)).toMatchFileSnapshot('../fixtures/golden/clever-cloud.yaml');
});

test('each executor comes with its component, and the two cannot be together', () => {
  const executor = (topology: string) =>
    ownBlueprint([], topology).variables.find(({ name }) => name === 'AIRFLOW__CORE__EXECUTOR');
  expect(executor('celery')).toMatchObject({ default: 'CeleryExecutor', ask: 'Executor' });
  expect(executor('clever-cloud')).toMatchObject({ default: 'LocalExecutor', ask: 'Executor' });
  const error = fault(() => ownBlueprint(['celery'], 'clever-cloud'));
  expect(error.message).toBe('components "local" and "celery" cannot be in one stack');
  expect(error.hints).toContain('"local" comes with topology "clever-cloud": gather topologies lists others');
});

test('an S3 server of your own takes the place of MinIO, and nobody waits for s3-init', () => {
  const external = ownBlueprint(['external-s3'], 'clever-cloud');
  const text = renderComposeFile(external);
  expect(text).not.toMatch(/minio|s3-init/i);
  expect(text).toContain('AIRFLOW_CONN_S3LOGS:');
  expect(external.variables.filter(({ name }) => /^(MINIO|S3)_/.test(name)).map(({ name }) => name)).toEqual([
    'S3_ENDPOINT',
    'S3_REGION',
    'S3_LOGS_BUCKET',
    'S3_LOGS_ACCESS_KEY',
    'S3_LOGS_SECRET_KEY',
  ]);
});

test('scheduler and web server fall back on the image of the others', () => {
  const text = renderComposeFile(blueprint);
  for (const name of ['SCHEDULER', 'WEBSERVER'])
    expect(text).toContain(`image: \${AIRFLOW_${name}_IMAGE:-\${AIRFLOW_IMAGE:?gather up builds it}}`);
});

test('.env.template names what an environment sets, and has no value', () => {
  const names = ['AIRFLOW_CONN_LAKE', 'MY_OWN', 'AF_PASS'];
  const files = renderProject(blueprint, (name) => (name === 'AF_PASS' ? 'hunter-2' : undefined), names);
  const text = files.find((file) => file.path === '.env.template')?.text ?? '';
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.filter((line) => !/^\w+=$/.test(line))).toEqual([]);
  expect(lines).toEqual(
    expect.arrayContaining(['AF_PASS=', 'AIRFLOW__CORE__EXECUTOR=', 'AIRFLOW_CONN_LAKE=']),
  );
  // known to nobody without a .env, and found anew by each machine
  for (const name of ['MY_OWN', 'AIRFLOW_IMAGE', 'AIRFLOW_SCHEDULER_IMAGE'])
    expect(lines).not.toContain(`${name}=`);
  expect(text).toContain(
    '# Password of that role: secret; generated, another one in each environment\nAF_PASS=',
  );
  expect(text).toContain('# Executor: LocalExecutor by default\n');
});
