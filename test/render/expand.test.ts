import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { renderComposeFile } from '../../src/render/compose-file.js';
import { component, playCatalog } from '../catalog/play-catalog.js';

/** The service `collector` of a stack in which these buckets are offered, as compose.yaml has it. */
function rendered(service: string, offers: string): Record<string, unknown> | undefined {
  const { catalog } = playCatalog({
    'topologies/mine': 'components: [part, collector]\n',
    'components/part': component(`variables: { KEY: { generate: token } }\noffers: { bucket: ${offers} }`),
    'components/collector': component(
      'collects: { bucket: { user: text, "reads?": text, secret: text } }',
      `services:\n  collector:\n${service.replace(/^/gm, '    ')}\n`,
    ),
  });
  const blueprint = resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' });
  return parse(renderComposeFile(blueprint)).services.collector;
}

const ENVIRONMENT = `image: a
environment:
  FIRST: "1"
  for bucket:
    S3_\${item.user}_READS: \${item.reads}
    S3_\${item.user}_SECRET: \${item.secret}
    "\${item.user}": "\${item.user} and \${item.reads}"
  LAST: "2"`;

test('`for KIND` stands for what is below it, once for each offer; what names a missing key is left out', () => {
  const offers = '[{ user: A, secret: "${KEY}" }, { user: B, reads: "a,b", secret: s }]';
  expect(rendered(ENVIRONMENT, offers)?.environment).toEqual({
    FIRST: '1',
    S3_A_SECRET: '${KEY:?gather init writes it to .env}',
    S3_B_READS: 'a,b',
    S3_B_SECRET: 's',
    B: 'B and a,b',
    LAST: '2',
  });
});

test('without offers nothing stays of it', () => {
  expect(rendered(ENVIRONMENT, '[]')?.environment).toEqual({ FIRST: '1', LAST: '2' });
});

test('it may stand at any depth, and in a list', () => {
  const service = `image: a
labels:
  for bucket: { "who-\${item.user}": "yes" }
deploy:
  placement:
    preferences:
      - for bucket: { spread: "\${item.user}" }`;
  expect(rendered(service, '[{ user: A, secret: s }]')).toMatchObject({
    labels: { 'who-A': 'yes' },
    deploy: { placement: { preferences: [{ spread: 'A' }] } },
  });
});
