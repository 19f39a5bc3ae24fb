import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { Catalog } from '../src/catalog/catalog.js';
import { lookupIn } from '../src/catalog/lookup.js';
import { resolveBlueprint } from '../src/catalog/resolve.js';
import { linksOf, renderProject } from '../src/render/project-files.js';
import { OWN } from './catalog/play-catalog.js';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const read = (name: string) => readFileSync(path(name), 'utf8');

test('the example of CONTRIBUTING.md is the one that is tested', () => {
  const [, example] = /```yaml\n([\s\S]*?)```/.exec(read('../CONTRIBUTING.md')) ?? [];
  expect(example).toBe(read('fixtures/components/mailpit.yaml'));
});

test("as a project's own component it is part of the stack", () => {
  const blueprint = resolveBlueprint(new Catalog([OWN, path('fixtures')]), {
    topology: 'celery',
    components: ['mailpit'],
    airflow: '2.11.2',
  });
  const env = (name: string) =>
    name === 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN' ? 'postgresql://r:p@h/d' : undefined;
  const files = new Map(renderProject(blueprint, env).map(({ path, text }) => [path, text]));
  const { services } = parse(files.get('compose.yaml') ?? '', { merge: true }) as {
    services: Record<
      string,
      { environment?: Record<string, string>; ports?: string[]; healthcheck?: { test: string[] } }
    >;
  };
  expect(services['airflow-scheduler']?.environment).toMatchObject({ AIRFLOW__SMTP__SMTP_HOST: 'mailpit' });
  expect(services.mailpit?.ports).toEqual(['${GATHER_BIND:-127.0.0.1}:${MAIL_PORT:-8025}:8025']);
  expect(services.mailpit?.healthcheck?.test.join(' ')).toContain('http://127.0.0.1:8025/mail/readyz');
  expect(services).not.toHaveProperty('airflow-common');
  expect(files.get('proxy/nginx.conf')).toContain('location /mail/ {');
  const lookup = lookupIn(blueprint.variables, env);
  expect(linksOf(blueprint, lookup)).toMatchObject({ Mail: 'http://localhost:8025/mail/' });
});
