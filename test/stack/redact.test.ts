import { expect, test } from 'vitest';
import { generate } from '../../src/catalog/generate.js';
import { EnvFile } from '../../src/project/dotenv.js';
import { redactor } from '../../src/stack/redact.js';
import { ownBlueprint } from '../catalog/play-catalog.js';

const env = EnvFile.parse(
  [
    "AF_PASS='it is odd'",
    `PG_PASS="p'w @/:#é"`,
    'REDIS_PASS=short',
    'PG_USER=developer',
    'GITSYNC_REPO=https://me:in%40address@git.corp/dags.git',
    'AIRFLOW__CELERY__BROKER_URL=redis://:other%40secret@redis:6379/0',
    `AIRFLOW__SECRETS__BACKEND_KWARGS='{"vault_url":"https://vault","client_secret":"inner-secret"}'`,
  ].join('\n'),
  '.env',
);
const clean = redactor(ownBlueprint(), env);

test('secrets are blotted out, plain and encoded', () => {
  expect(clean('a it is odd b it%20is%20odd c')).toBe('a *** b *** c');
  expect(clean(`a p'w @/:#é b`)).toBe('a *** b');
  // as in the URLs that gather itself writes
  expect(clean('p%27w%20%40%2F%3A%23%C3%A9')).toBe('***');
});

test('so are the password of a URL and the secret in the settings of a secrets backend', () => {
  expect(clean('login with other@secret failed')).toBe('login with *** failed');
  expect(clean('redis://:other%40secret@redis:6379/0')).toBe('***');
  expect(clean('fatal: in@address is refused by git.corp')).toBe('fatal: *** is refused by git.corp');
  expect(clean('client_secret inner-secret is wrong at https://vault')).toBe(
    'client_secret *** is wrong at https://vault',
  );
});

test('so is what JSON and SQL make of a secret', () => {
  const odd = EnvFile.parse(`AF_PASS='a"b\\c it'\nPG_PASS="p'q'r it"\n`, '.env');
  const [quotes, apostrophes] = [odd.get('AF_PASS') ?? '', odd.get('PG_PASS') ?? ''];
  const redact = redactor(ownBlueprint(), odd);
  expect(quotes).toBe('a"b\\c it');
  const record = JSON.stringify({ event: 'login', password: quotes });
  expect(record).not.toContain(quotes);
  expect(redact(record)).toBe('{"event":"login","password":"***"}');
  expect(redact(`ALTER ROLE x PASSWORD '${apostrophes.replaceAll("'", "''")}'`)).toBe(
    "ALTER ROLE x PASSWORD '***'",
  );
});

test('everything else stays, also what is too short to be a secret', () => {
  expect(clean('developer is short of time')).toBe('developer is short of time');
});

test('so is each of two Fernet keys, as .env has them while they are changed', () => {
  const [fresh, old] = [generate('fernet-key'), generate('fernet-key')];
  const both = EnvFile.parse(`AIRFLOW__CORE__FERNET_KEY=${fresh},${old}\n`, '.env');
  const redact = redactor(ownBlueprint(), both);
  expect(redact(`${old} does not fit, ${fresh} does: ${fresh},${old}`)).toBe(
    '*** does not fit, *** does: ***',
  );
});
