import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { OWN } from './play-catalog.js';

const HERE = fileURLToPath(new URL('../..', import.meta.url));
const components = new Catalog([OWN]).all();
const variables = components.flatMap((one) => one.variables);
const names = new Set(variables.map(({ name }) => name));

/** Words that hold a password by their name, and not the place of one or what is said about it. */
const HOLDS_PASSWORD = /(PASS(WORD)?|PASSPHRASE|SECRET|SECRET_KEY|TOKEN|FERNET_KEY)$/i;

/** `${NAME}`, or the name alone, as the kind `login` has it. */
const isVariable = (value: string) => value.includes('${') || names.has(value);

test('every password of every component is generated, or asked for; none has a default', () => {
  const passwords = variables.filter(
    ({ name, secret, type }) => secret || type === 'password' || HOLDS_PASSWORD.test(name),
  );
  expect(passwords.length).toBeGreaterThan(20);
  expect(
    passwords
      .filter((one) => one.default && !one.default.startsWith('${'))
      .map((one) => `${one.component}: ${one.name}`),
  ).toEqual([]);
});

test('what a service or an offer gets as a password is a variable', () => {
  const literal: string[] = [];
  const look = (value: unknown, path: string[]): void => {
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) look(inner, [...path, key]);
    else if (HOLDS_PASSWORD.test(path.at(-1) ?? '') && value && !isVariable(String(value)))
      literal.push(`${path.join('.')}: ${value}`);
  };
  for (const one of components) {
    look(one.services, [one.name]);
    for (const offer of one.offers) look(offer.item, [one.name, offer.kind]);
  }
  expect(literal).toEqual([]);
});

/** What stacks of this kind are shipped with: word for word in a file, or as user and password of a URL. */
const KNOWN =
  /\bminio(admin|123)\b|\bchange-?(me|it)\b|:\/\/(?<user>\w+):\k<user>@|\b(password|secret)["']?\s*[:=]\s*["']?(airflow|admin|keycloak|minio|postgres|trino|password|secret|test|1234\w*)["']?\s*$/im;

test('nothing that is published has a password that everybody knows', () => {
  const files = execFileSync('git', ['ls-files', '-z', '--', 'compose', 'src', 'dags', 'README.md', 'docs'], {
    cwd: HERE,
    encoding: 'utf8',
  }).split('\0');
  const found = files.filter(Boolean).flatMap((file) => {
    const known = KNOWN.exec(readFileSync(join(HERE, file), 'utf8'));
    return known ? [`${file}: ${known[0]}`] : [];
  });
  expect(files.length).toBeGreaterThan(200);
  expect(found).toEqual([]);
  for (const text of [
    'pw: minioadmin',
    'postgresql://airflow:airflow@db',
    'password: admin',
    "secret = 'secret'",
  ])
    expect(text).toMatch(KNOWN);
});
