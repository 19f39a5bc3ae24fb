import { describe, expect, test } from 'vitest';
import type { VariableSpec } from '../../src/catalog/schema.js';
import { GatherError } from '../../src/output/errors.js';
import { EnvFile } from '../../src/project/dotenv.js';
import { type FillOptions, fillValues, strayValues } from '../../src/setup/values.js';
import { ownBlueprint } from '../catalog/play-catalog.js';

const { variables } = ownBlueprint();

/** Fills a `.env` with this text, as `gather init` does; a port is what the machine would give. */
async function fill(text = '', options: Partial<FillOptions> = {}, specs: VariableSpec[] = variables) {
  const env = EnvFile.parse(text, '.env');
  const filled = await fillValues(specs, {
    env,
    given: new Map(),
    rotate: new Set(),
    rederive: new Set(),
    machine: { uid: '1234' },
    freePort: async (variable) => (variable.name === 'PROXY_PORT' ? 8088 : Number(variable.default)),
    ...options,
  });
  const value = (name: string) => filled.get(name)?.value;
  const text_ = [...filled.values()].map((one) => `${one.variable.name}='${one.value}'\n`).join('');
  return {
    value,
    origin: (name: string) => filled.get(name)?.origin,
    names: [...filled.keys()],
    text: text_,
  };
}

async function refused(work: Promise<unknown>): Promise<GatherError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof GatherError) return error;
  throw new Error(`not refused as it should be: ${String(error)}`);
}

const CONN = 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN';
const given = (values: Record<string, string>) => ({ given: new Map(Object.entries(values)) });

describe('every default together', () => {
  test('gives each variable a value, and each secret its own', async () => {
    const { value, origin, names } = await fill();
    expect(names.filter((name) => !/_IMAGE$|^DOCKER_SOCKET$/.test(name))).toEqual(
      variables.map((one) => one.name).filter((name) => !/_IMAGE$|^DOCKER_SOCKET$/.test(name)),
    );
    expect(value('AIRFLOW_UID')).toBe('1234');
    expect(value('PROXY_PORT')).toBe('8088');
    expect(value('PG_PORT')).toBe('5432');
    expect(value(CONN)).toBe(
      `postgresql+psycopg2://airflow_user:${value('AF_PASS')}@postgres:5432/airflow_db`,
    );
    expect(value('_AIRFLOW_WWW_USER_PASSWORD')).toBe(value('AF_PASS'));
    expect(origin(CONN)).toBe('derived');
    expect(origin('AF_PASS')).toBe('generated');
    const secrets = variables.filter((one) => one.generate).map((one) => value(one.name));
    expect(new Set(secrets).size).toBe(secrets.length);
  });

  test('stays the same when it is filled again', async () => {
    const first = await fill();
    const second = await fill(first.text);
    expect(second.text).toBe(first.text);
    expect(second.names.filter((name) => second.origin(name) !== 'kept')).toEqual([]);
  });
});

describe('what .env holds', () => {
  test('is kept, also where the default or the machine says otherwise', async () => {
    const { value, origin } = await fill(
      'PG_USER=me\nAF_PASS=mine\nAIRFLOW_UID=7\nPROXY_PORT=81\nREDIS_PASS=\n',
    );
    expect([value('PG_USER'), value('AF_PASS'), value('AIRFLOW_UID'), value('PROXY_PORT')]).toEqual([
      'me',
      'mine',
      '7',
      '81',
    ]);
    expect(origin('AF_PASS')).toBe('kept');
    expect(value('AIRFLOW__CELERY__RESULT_BACKEND')).toContain(':mine@');
  });

  test('that is not allowed is refused with its line, and never shown', async () => {
    const error = await refused(fill('# first\nPROXY_PORT=http\n'));
    expect(error).toMatchObject({ code: 'VARIABLE_INVALID', where: { file: '.env', line: 2 } });
    expect(error.message).toBe('PROXY_PORT: must be a port, 1 to 65535');
    const secret = await refused(fill('AIRFLOW__CORE__FERNET_KEY=hunter2\n'));
    expect(JSON.stringify([secret.message, secret.details, secret.hints])).not.toContain('hunter2');
  });
});

test('a copy of .env.template, in which all is empty, gets what an empty .env gets', async () => {
  const nothing = await fill();
  const copy = await fill(variables.map(({ name }) => `${name}=\n`).join(''));
  const different = nothing.names.filter((name) => copy.value(name) !== nothing.value(name));
  const made = variables.filter((one) => one.generate).map((one) => one.name);
  // what is generated is new each time, and so is what follows from it
  const follows = [
    '_AIRFLOW_WWW_USER_PASSWORD',
    'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN',
    'AIRFLOW__CELERY__RESULT_BACKEND',
  ];
  expect(different.sort()).toEqual([...made, ...follows].sort());
  expect(copy.value('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN')).toContain(`${copy.value('AF_PASS')}@`);
  expect(copy.value('_AIRFLOW_WWW_USER_PASSWORD')).toBe(copy.value('AF_PASS'));
});

describe('a derived value', () => {
  test('follows what is given on the command line', async () => {
    const { value } = await fill('', given({ AF_PASS: 'p@ss', AF_DB: 'other' }));
    expect(value(CONN)).toBe('postgresql+psycopg2://airflow_user:p%40ss@postgres:5432/other');
  });

  test('follows a change of an answer, when it followed the old one', async () => {
    const { text } = await fill();
    const { value, origin } = await fill(text, given({ AF_PASS: 'changed' }));
    expect(value(CONN)).toContain(':changed@');
    expect(origin(CONN)).toBe('derived');
    expect(value('_AIRFLOW_WWW_USER_PASSWORD')).toBe('changed');
  });

  test("is kept byte for byte when it means the same, as the original's URLs without a port do", async () => {
    const url = 'postgresql+psycopg2://airflow_user:p@postgres/airflow_db';
    const { value, origin } = await fill(`AF_PASS=p\n${CONN}=${url}\n`);
    expect(value(CONN)).toBe(url);
    expect(origin(CONN)).toBe('kept');
  });

  test('that was changed by hand stays, is told of, and is computed anew on request', async () => {
    const url = 'postgresql+psycopg2://me:mine@elsewhere:5432/db';
    const text = `AF_DB=airflow_db\nAF_USER=airflow_user\nAF_PASS=p\n${CONN}=${url}\n`;
    expect((await fill(text)).value(CONN)).toBe(url);
    expect((await fill(text, given({ AF_PASS: 'q' }))).value(CONN)).toBe(url);
    expect(strayValues(variables, EnvFile.parse(text, '.env')).map((one) => one.name)).toEqual([CONN]);
    const { value } = await fill(text, { rederive: new Set([CONN]) });
    expect(value(CONN)).toBe('postgresql+psycopg2://airflow_user:p@postgres:5432/airflow_db');
  });

  test('whose ingredients were taken out, as for production, stays, and they are not made anew', async () => {
    const text = (await fill()).text
      .split('\n')
      .filter((line) => !/^(AF|PG)_/.test(line))
      .join('\n');
    const { value, names } = await fill(text);
    expect(value(CONN)).toBe(EnvFile.parse(text, '.env').get(CONN));
    expect(names).not.toContain('AF_PASS');
    expect(strayValues(variables, EnvFile.parse(text, '.env'))).toEqual([]);
  });

  test('that follows is not called stray', async () => {
    expect(strayValues(variables, EnvFile.parse((await fill()).text, '.env'))).toEqual([]);
  });
});

describe('rotating', () => {
  test('makes one secret anew, and what follows from it', async () => {
    const { text } = await fill();
    const before = await fill(text);
    const after = await fill(text, { rotate: new Set(['AF_PASS']) });
    const changed = after.names.filter((name) => after.value(name) !== before.value(name));
    expect(changed.sort()).toEqual([
      'AF_PASS',
      'AIRFLOW__CELERY__RESULT_BACKEND',
      CONN,
      '_AIRFLOW_WWW_USER_PASSWORD',
    ]);
    expect(after.origin('AF_PASS')).toBe('rotated');
  });

  test('of something that gather does not generate is refused', async () => {
    expect(await refused(fill('', { rotate: new Set(['PG_USER']) }))).toMatchObject({
      code: 'USAGE',
      exitCode: 2,
    });
  });
});

describe('a person', () => {
  test('is asked in order, with what counts now as the answer of Enter', async () => {
    const asked: [string, string][] = [];
    const { value, origin } = await fill('PG_USER=me\n', {
      ...given({ PG_DB: 'given' }),
      ask: async (variable, initial) => {
        asked.push([variable.name, initial]);
        return variable.name === 'AF_USER' ? 'answered' : initial;
      },
    });
    const names = asked.map(([name]) => name);
    expect(names).toEqual(variables.filter((one) => one.ask && one.name !== 'PG_DB').map((one) => one.name));
    expect(new Map(asked).get('PG_USER')).toBe('me');
    expect(origin('AF_USER')).toBe('answered');
    expect(origin('PG_USER')).toBe('kept');
    expect(value(CONN)).toContain('//answered:');
    expect(value('_AIRFLOW_WWW_USER_USERNAME')).toBe('answered');
  });

  test('learns at the question that another part has the port, the database or the role', async () => {
    const said: [string, string | undefined][] = [];
    await fill('', {
      ...given({ PG_DB: 'mine' }),
      ask: async (variable, initial, _, problem) => {
        const answer = { PROXY_PORT: '8080', AF_DB: 'mine', AF_USER: 'developer' }[variable.name];
        if (answer) said.push([variable.name, problem(answer)]);
        expect(problem(initial)).toBeUndefined();
        return initial;
      },
    });
    expect(new Map(said)).toEqual(
      new Map([
        ['AF_DB', 'is the value of PG_DB, too'],
        ['AF_USER', 'is the value of PG_USER, too'],
        ['PROXY_PORT', 'is the value of AIRFLOW_WEB_PORT, too'],
      ]),
    );
  });

  test('who leaves at a question ends it all', async () => {
    const leave = new GatherError('CANCELLED', 'cancelled');
    const ask = async (variable: VariableSpec, initial: string) => {
      if (variable.name === 'AF_DB') throw leave;
      return initial;
    };
    expect(await refused(fill('', { ask }))).toBe(leave);
  });
});

test.each([
  ['PROXY_PORT', '99999', 'must be a port'],
  ['PG_USER', 'pg_me', 'names that begin with pg_'],
  ['AF_DB', 'a b', 'must be made of letters'],
  ['AIRFLOW_UID', 'me', 'must be a numeric id'],
  ['PROXY_PORT', '8080', 'is the value of AIRFLOW_WEB_PORT, too'],
  ['AF_DB', 'gather_db', 'is the value of PG_DB, too'],
  ['AIRFLOW__CORE__EXECUTOR', 'NopeExecutor', 'Airflow has no executor'],
  ['AIRFLOW__CORE__FERNET_KEY', 'abc', 'must be a Fernet key'],
  ['AIRFLOW__CELERY__BROKER_URL', 'redis', 'must be a URL'],
  ['AIRFLOW__CORE__LOAD_EXAMPLES', 'maybe', 'must be true or false'],
  ['AIRFLOW__WEBSERVER__EXPOSE_CONFIG', 'some', 'must be one of true, false, non-sensitive-only'],
])('a value given for %s that is wrong (%s) is refused by name', async (name, value, problem) => {
  const error = await refused(fill('', given({ [name]: value })));
  expect(error.code).toBe('VARIABLE_INVALID');
  expect(error.message).toContain(`${name}: ${problem}`);
  expect(error.where).toBeUndefined();
});

describe('the Fernet key', () => {
  const KEY = 'AIRFLOW__CORE__FERNET_KEY';
  const key = (letter: string) => `${letter.repeat(43)}=`;

  test('is not replaced by hand: what is stored could no longer be read', async () => {
    const error = await refused(fill(`${KEY}=${key('a')}\n`, given({ [KEY]: key('b') })));
    expect(error.hints.join()).toContain(`--rotate ${KEY}`);
    expect(JSON.stringify(error.hints) + error.message).not.toContain('bbb');
  });

  test('may get another one beside it', async () => {
    const both = `${key('b')},${key('a')}`;
    expect((await fill(`${KEY}=${key('a')}\n`, given({ [KEY]: both }))).value(KEY)).toBe(both);
  });
});
