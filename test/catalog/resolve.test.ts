import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { problemWith } from '../../src/catalog/check-value.js';
import { derive } from '../../src/catalog/derive.js';
import { lookupIn } from '../../src/catalog/lookup.js';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { parseManifest } from '../../src/project/manifest.js';
import { foldedModel } from '../../src/stack/observe/model.js';
import { component, fault, OWN, ownBlueprint, playCatalog } from './play-catalog.js';

function resolve(texts: Record<string, string>, components: string[] = [], airflow = '2.11.2') {
  const { catalog, folder } = playCatalog(texts);
  return { folder, blueprint: () => resolveBlueprint(catalog, { topology: 'mine', components, airflow }) };
}
const names = ({ components }: { components: { name: string }[] }) => components.map((one) => one.name);

describe('the components of a stack', () => {
  test('stand behind what they require, which comes along', () => {
    const { blueprint } = resolve({
      'topologies/mine': 'components: [web, queue]\n',
      'components/web': component('requires: [base, queue]'),
      'components/queue': component('requires: [base]'),
      'components/base': component(),
    });
    expect(names(blueprint())).toEqual(['base', 'queue', 'web']);
  });

  test('bring others along where the stack has both, and what is for its version of Airflow', () => {
    const texts = {
      'topologies/mine': 'components: [door]\n',
      'components/door': component('brings: { house: key, garden: gate, shed: old }'),
      'components/house': component('requires: [garden]'),
      'components/garden': component(),
      'components/shed': component(),
      'components/key': component('brings: { gate: lamp }'),
      'components/gate': component('requires: [hinge]'),
      'components/hinge': component(),
      'components/lamp': component(),
      'components/old': component('airflow: 3'),
    };
    expect(names(resolve(texts).blueprint())).toEqual(['door']);
    expect(names(resolve(texts, ['house']).blueprint())).toEqual([
      'door',
      'garden',
      'house',
      'key',
      'hinge',
      'gate',
      'lamp',
    ]);
    expect(names(resolve(texts, ['shed']).blueprint())).toEqual(['door', 'shed']);
    expect(names(resolve(texts, ['shed'], '3.3.2').blueprint())).toEqual(['door', 'shed', 'old']);
  });

  test('that bring what nobody knows are told the line', () => {
    const { blueprint, folder } = resolve({
      'topologies/mine': 'components: [door, house]\n',
      'components/door': component('brings:\n  house: kay'),
      'components/house': component(),
    });
    const error = fault(blueprint);
    expect(error.message).toContain('unknown component "kay"');
    expect(error.where).toEqual({ file: join(folder, 'components/door.yaml'), line: 4 });
  });

  test('that require each other in a ring are refused', () => {
    const { blueprint, folder } = resolve({
      'topologies/mine': 'components: [a]\n',
      'components/a': component('requires: [b]'),
      'components/b': component('requires: [c]'),
      'components/c': component('requires: [a]'),
    });
    const error = fault(blueprint);
    expect(error.message).toContain('a → b → c → a');
    expect(error.where).toEqual({ file: join(folder, 'components/a.yaml'), line: 3 });
  });

  test('that conflict are refused, both named', () => {
    const texts = {
      'topologies/mine': 'components: [a]\n',
      'components/a': component(),
      'components/b': component('conflicts: [a]'),
    };
    expect(names(resolve(texts).blueprint())).toEqual(['a']);
    const { blueprint, folder } = resolve(texts, ['b']);
    const error = fault(blueprint);
    expect(error.message).toBe('components "b" and "a" cannot be in one stack');
    expect(error.where).toEqual({ file: join(folder, 'components/b.yaml'), line: 3 });
    expect(error.hints).toEqual([
      'remove one of them from components in gather.yaml',
      '"a" comes with topology "mine": gather topologies lists others',
    ]);
  });

  test('take the place of those that they replace, also for who requires those', () => {
    const { blueprint } = resolve(
      {
        'topologies/mine': 'components: [database, web]\n',
        'components/database': component('', 'services: { database: { image: a } }\n'),
        'components/web': component('requires: [database]'),
        'components/outside': component('replaces: [database]'),
      },
      ['outside'],
    );
    expect(names(blueprint())).toEqual(['outside', 'web']);
  });

  test('that provide a part come where one requires it: the one in the stack, else the one that stands in for no other', () => {
    const texts = {
      'topologies/mine': 'components: [web]\n',
      'components/web': component('requires: [database]'),
      'components/external': component('replaces: [bundled]\nprovides: { database: "" }'),
      'components/bundled': component('provides: { database: db }', 'services: { db: { image: a } }\n'),
      'components/other': component('provides: { database: db2 }', 'services: { db2: { image: a } }\n'),
    };
    expect(names(resolve(texts).blueprint())).toEqual(['bundled', 'web']);
    expect(resolve(texts).blueprint().provides).toEqual({ database: 'db' });
    expect(names(resolve(texts, ['external']).blueprint())).toEqual(['external', 'web']);
    expect(resolve(texts, ['external']).blueprint().provides).toEqual({ database: '' });
    expect(names(resolve(texts, ['other']).blueprint())).toEqual(['other', 'web']);
  });

  test('stand in for what those that they replace provide, too', () => {
    const { blueprint } = resolve(
      {
        'topologies/mine': 'components: [web]\n',
        'components/web': component('requires: [objects]'),
        'components/bundled': component('provides: { objects: s3 }', 'services: { s3: { image: a } }\n'),
        'components/other': component('replaces: [bundled]'),
      },
      ['other'],
    );
    expect(names(blueprint())).toEqual(['other', 'web']);
  });

  test('bring PostgreSQL where Airflow wants a database, and none where the project has one of its own', () => {
    expect(ownBlueprint().provides).toMatchObject({ database: 'postgres', web: 'airflow-webserver' });
    expect(names(ownBlueprint())).toContain('postgres');
    expect(ownBlueprint([], 'celery', '3.3.2').provides).toMatchObject({ web: 'airflow-apiserver' });
    expect(names(ownBlueprint(['external-postgres']))).not.toContain('postgres');
  });

  test('a part that nobody provides is a component that nobody knows', () => {
    const { blueprint, folder } = resolve({
      'topologies/mine': 'components: [web]\n',
      'components/web': component('requires: [databse]'),
    });
    expect(fault(blueprint)).toMatchObject({
      code: 'COMPONENT_INVALID',
      message: 'unknown component "databse"',
      where: { file: join(folder, 'components/web.yaml'), line: 3 },
    });
  });

  test('are those of the version of Airflow', () => {
    const texts = {
      'topologies/mine': 'components: [old, new, both]\n',
      'components/old': component('airflow: 2'),
      'components/new': component('airflow: 3'),
      'components/both': component(),
    };
    expect(names(resolve(texts).blueprint())).toEqual(['old', 'both']);
    expect(names(resolve(texts, [], '3.0.6').blueprint())).toEqual(['new', 'both']);
  });

  test('say where the DAGs come from, each what it changes', () => {
    const { blueprint } = resolve({
      'topologies/mine': 'components: [base, sync]\n',
      'components/base': component('dags: { from: folder, path: /dags, folder: dags }'),
      'components/sync': component('dags: { from: git, address: "file:///repo", path: /git }'),
    });
    expect(blueprint().dags).toEqual({
      from: 'git',
      address: 'file:///repo',
      path: '/git',
      folder: 'dags',
    });
  });

  test('of the other version leave their variables behind, unless this one has them, too', () => {
    const texts = {
      'topologies/mine': 'components: [old, new]\n',
      'components/old': component('airflow: 2\nvariables: { OLD: {}, BOTH: {} }'),
      'components/new': component('airflow: 3\nvariables: { NEW: {}, BOTH: {} }'),
    };
    expect(resolve(texts).blueprint().otherLine).toEqual(['NEW']);
    expect(resolve(texts, [], '3.0.6').blueprint().otherLine).toEqual(['OLD']);
  });

  test('that nobody knows are named with the line that asks for them', () => {
    const texts = {
      'topologies/mine': 'summary: x\ncomponents:\n  - base\n  - flowr\n',
      'components/base': component(),
      'components/flower': component(),
    };
    const { blueprint, folder } = resolve(texts);
    expect(fault(blueprint)).toMatchObject({
      message: 'unknown component "flowr"; did you mean "flower"?',
      where: { file: join(folder, 'topologies/mine.yaml'), line: 4 },
    });
    const required = resolve({
      ...texts,
      'topologies/mine': 'components: [base]\n',
      'components/base': component('requires:\n  - flowr'),
    });
    expect(fault(required.blueprint).where).toEqual({
      file: join(required.folder, 'components/base.yaml'),
      line: 4,
    });
  });

  test('asked for in gather.yaml are named with their line there', () => {
    const { catalog } = playCatalog({
      'topologies/celery': 'components: [base]\n',
      'components/base': component(),
    });
    const manifest = (text: string) => parseManifest(text, '/p/gather.yaml');
    expect(
      fault(() => resolveBlueprint(catalog, manifest('airflow: 2.11.2\ncomponents:\n  - bas\n'))),
    ).toMatchObject({
      message: 'unknown component "bas"; did you mean "base"?',
      where: { file: '/p/gather.yaml', line: 3 },
    });
    expect(
      fault(() => resolveBlueprint(catalog, manifest('airflow: 2.11.2\ntopology: celry\n'))),
    ).toMatchObject({
      message: 'unknown topology "celry"; did you mean "celery"?',
      where: { file: '/p/gather.yaml', line: 2 },
    });
  });
});

describe('the variables of a stack', () => {
  test('are one a name: a later component changes what an earlier one says, the topology changes defaults', () => {
    const { blueprint } = resolve({
      'topologies/mine': 'components: [first, second]\nsettings: { B: from-topology }\n',
      'components/first': component(
        'group: First\nvariables:\n  A: { default: 1, type: port, ask: Port }\n  B: { default: b }',
      ),
      'components/second': component('group: Second\nvariables:\n  A: { default: 2, type: port }\n  C: {}'),
    });
    expect(
      blueprint().variables.map(({ name, default: value, group, ask }) => [name, value, group, ask]),
    ).toEqual([
      ['A', '2', 'First', 'Port'],
      ['B', 'from-topology', 'First', undefined],
      ['C', undefined, 'Second', undefined],
    ]);
  });

  test('keep what a component that declares them again does not write', () => {
    const { blueprint } = resolve({
      'topologies/mine': 'components: [first, second]\n',
      'components/first': component(
        `variables:
  PASS: { generate: password, type: password }
  PORT: { default: 1, type: port, published: false }
  OPEN: { generate: token, secret: false }`,
      ),
      'components/second': component(
        'variables:\n  PASS: { ask: Password }\n  PORT: { ask: Port }\n  OPEN: { ask: Open }',
      ),
    });
    const [pass, port, open] = blueprint().variables;
    expect(pass).toMatchObject({ ask: 'Password', generate: 'password', type: 'password', secret: true });
    expect(port).toMatchObject({ ask: 'Port', default: '1', type: 'port', published: false, secret: false });
    expect(open).toMatchObject({ ask: 'Open', generate: 'token', type: 'text', secret: false });
  });

  test('have one source: the last one written, in a component or in the settings of the topology', () => {
    const sources = `variables:
  URL: { type: url, secret: true, url: { scheme: redis, host: redis } }
  KEY: { generate: token }
  UID: { machine: uid }
  SET: { secret: true, url: { scheme: redis, host: redis } }
  MADE: { default: x }`;
    const { blueprint } = resolve({
      'topologies/mine': 'components: [first, second]\nsettings: { SET: "redis://set" }\n',
      'components/first': component(sources),
      'components/second': component(
        'variables:\n  URL: { default: "redis://mine" }\n  KEY: { default: k }\n  UID: { default: 7 }\n  MADE: { generate: token }',
      ),
    });
    const source = blueprint().variables.map((one) => [
      one.name,
      one.default,
      one.generate ?? one.machine ?? one.url,
      one.secret,
    ]);
    expect(source).toEqual([
      ['URL', 'redis://mine', undefined, true],
      ['KEY', 'k', undefined, true],
      ['UID', '7', undefined, false],
      ['SET', 'redis://set', undefined, true],
      ['MADE', undefined, 'token', true],
    ]);
  });

  test('that a topology sets and nobody declares are refused with their line', () => {
    const texts = {
      'topologies/mine': 'components: [old, new, database]\nsettings:\n  OLD: a\n  NEW: b\n  PASS: c\n',
      'components/old': component('airflow: 2\nvariables: { OLD: {} }'),
      'components/new': component('airflow: 3\nrequires: [more]'),
      'components/more': component('variables: { NEW: {} }'),
      'components/database': component('variables: { PASS: {} }'),
      'components/outside': component('replaces: [database]'),
    };
    // of the other version of Airflow, and of a component that another one replaces
    expect(resolve(texts, ['outside']).blueprint().variables).toHaveLength(1);
    const { blueprint, folder } = resolve({
      ...texts,
      'topologies/mine': 'components: [old]\nsettings:\n  OLDD: a\n',
    });
    expect(fault(blueprint)).toMatchObject({
      code: 'TOPOLOGY_INVALID',
      message: expect.stringContaining(
        'OLDD, which no component of this topology declares; did you mean "OLD"?',
      ),
      where: { file: join(folder, 'topologies/mine.yaml'), line: 3 },
    });
  });

  /** mission.md, system 1, "variables, in the order asked". */
  const ASKED = [
    'PG_USER',
    'PG_PASS',
    'PG_DB',
    'AF_DB',
    'AF_USER',
    'AF_PASS',
    'AIRFLOW_UID',
    'AIRFLOW_GID',
    'AIRFLOW_PROJ_DIR',
    'AIRFLOW__CELERY__BROKER_URL',
    'AIRFLOW__CELERY__FLOWER_URL_PREFIX',
    'AIRFLOW__CORE__EXECUTOR',
    'AIRFLOW__CORE__FERNET_KEY',
    'AIRFLOW__CORE__INTERNAL_API_SECRET_KEY',
    'AIRFLOW__CORE__LOAD_EXAMPLES',
    'AIRFLOW__SECRETS__BACKEND',
    'AIRFLOW__WEBSERVER__EXPOSE_CONFIG',
    'AIRFLOW__WEBSERVER__ENABLE_PROXY_FIX',
    'AIRFLOW__WEBSERVER__SECRET_KEY',
    '_AIRFLOW_DB_MIGRATE',
    '_AIRFLOW_WWW_USER_CREATE',
  ];
  const PORTS = ['AIRFLOW_WEB_PORT', 'PROXY_PORT'];

  test('are asked in the order of the original, the two ports of this machine beside them', () => {
    const asked = ownBlueprint()
      .variables.filter((variable) => variable.ask)
      .map((variable) => variable.name);
    expect(asked.filter((name) => !PORTS.includes(name))).toEqual(ASKED);
    expect(asked.filter((name) => PORTS.includes(name)).sort()).toEqual(PORTS);
  });

  test("have the original's defaults", () => {
    const all = new Map(ownBlueprint().variables.map((variable) => [variable.name, variable]));
    const defaults = Object.fromEntries(ASKED.map((name) => [name, all.get(name)?.default]));
    expect(defaults).toMatchObject({
      PG_USER: 'developer',
      PG_DB: 'gather_db',
      AF_DB: 'airflow_db',
      AF_USER: 'airflow_user',
      AIRFLOW_GID: '0',
      AIRFLOW__CELERY__FLOWER_URL_PREFIX: 'flower',
      AIRFLOW__CORE__EXECUTOR: 'CeleryExecutor',
      AIRFLOW__SECRETS__BACKEND: '',
      AIRFLOW__WEBSERVER__ENABLE_PROXY_FIX: 'true',
      _AIRFLOW_DB_MIGRATE: 'true',
      _AIRFLOW_WWW_USER_CREATE: 'true',
    });
    const generated = ASKED.filter((name) => all.get(name)?.generate);
    expect(generated).toEqual([
      'PG_PASS',
      'AF_PASS',
      'AIRFLOW__CORE__FERNET_KEY',
      'AIRFLOW__CORE__INTERNAL_API_SECRET_KEY',
      'AIRFLOW__WEBSERVER__SECRET_KEY',
    ]);
    expect(all.get('AIRFLOW_UID')).toMatchObject({ machine: 'uid' });
  });
});

test('external-postgres takes the bundled PostgreSQL out of the stack, and asks for its host', () => {
  const blueprint = ownBlueprint(['external-postgres']);
  expect(names(blueprint)).not.toContain('postgres');
  expect(Object.keys(foldedModel(blueprint).services)).not.toContain('postgres');
  expect(blueprint.variables.map((variable) => variable.name)).not.toContain('PG_PASS');
  expect(blueprint.variables.find((variable) => variable.name === 'PG_HOST')).toMatchObject({
    default: 'host.docker.internal',
  });
  expect(blueprint.offers.database?.map(({ item }) => item)).toEqual([
    { url: '${AIRFLOW__DATABASE__SQL_ALCHEMY_CONN}' },
  ]);
  expect(blueprint.provides.database).toBe('');
});

test('a line of Airflow that the topology has nothing for is said so, with what it has', () => {
  const { blueprint } = resolve(
    {
      'topologies/mine': 'components: [web]\n',
      'components/web': 'x-gather: { summary: Web, airflow: 2 }\nservices: { web: { image: a } }\n',
    },
    [],
    '3.3.2',
  );
  const error = fault(blueprint);
  expect(error.message).toContain('Airflow 3');
  expect(error.hints.join()).toContain('Airflow 2');
});

test("what S3 does not take is refused with the variable's name", () => {
  const { variables } = ownBlueprint(['s3-logs', 's3-dags']);
  const refused = Object.entries({
    MINIO_ROOT_USER: 'me',
    MINIO_ROOT_PASSWORD: 'short',
    S3_ENDPOINT: 'minio:9000',
    S3_LOGS_BUCKET: 'Logs',
    S3_LOGS_ACCESS_KEY: 'me',
    S3_LOGS_SECRET_KEY: 'short',
    S3_DAGS_BUCKET: 'a_b',
    S3_DAGS_PREFIX: 'dags',
    S3_AIRFLOW_ACCESS_KEY: 'me',
    S3_AIRFLOW_SECRET_KEY: 'short',
    S3_AIRFLOW_CONN_ID: 'aws-s3',
    AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID: 's3 logs',
  }).filter(([name, value]) => {
    const variable = variables.find((one) => one.name === name);
    return variable && problemWith(variable, value);
  });
  expect(refused).toHaveLength(12);
});

describe('connections', () => {
  const logs = component(
    `variables:
  CONN_ID: { default: s3logs }
  KEY: { default: k }
  PASS: { default: 'a"b' }
  LOGIN: { default: "" }
offers:
  connection: [{ id: "\${CONN_ID}", conn_type: aws, login: "\${LOGIN}", password: "\${PASS}", extra: { endpoint_url: "http://\${KEY}", verify: false } }]
collects:
  connection: { id: text, conn_type: text, "login?": text, "password?": text, "extra?": structure }`,
    'services: {}\n',
  );
  const resolved = (env: Record<string, string> = {}, settings = '') => {
    const { catalog } = playCatalog({
      'components/logs': logs,
      'topologies/t': `components: [logs]\n${settings}`,
    });
    const selection = { topology: 't', components: [], airflow: '2.11.2' };
    return resolveBlueprint(catalog, selection, (name) => env[name]);
  };
  const json = (blueprint: ReturnType<typeof resolved>) => {
    const variable = blueprint.variables.find(({ name }) => name === blueprint.connections[0]);
    if (!variable) throw new Error('no variable of the connection');
    expect(variable.secret).toBe(true);
    return JSON.parse(
      derive(
        variable,
        lookupIn(blueprint.variables, () => undefined),
      ),
    );
  };

  test('become variables that hold JSON, without the fields that nobody filled', () => {
    const blueprint = resolved();
    expect(blueprint.connections).toEqual(['AIRFLOW_CONN_S3LOGS']);
    expect(json(blueprint)).toEqual({
      conn_type: 'aws',
      password: 'a"b',
      extra: { endpoint_url: 'http://k', verify: false },
    });
  });

  test('have the id that the topology, or .env, says', () => {
    const settings = 'settings: { CONN_ID: s3_connection }\n';
    expect(resolved({}, settings).connections).toEqual(['AIRFLOW_CONN_S3_CONNECTION']);
    expect(resolved({ CONN_ID: 'mine' }, settings).connections).toEqual(['AIRFLOW_CONN_MINE']);
  });

  test('cannot have an id that a variable of that type refuses: it is to blame', () => {
    const typed = logs.replace(
      'CONN_ID: { default: s3logs }',
      'CONN_ID: { default: s3logs, type: connection-id }',
    );
    const { catalog } = playCatalog({ 'components/logs': typed, 'topologies/t': 'components: [logs]\n' });
    const ids = (id: string) =>
      resolveBlueprint(catalog, { topology: 't', components: [], airflow: '2.11.2' }, () => id).connections;
    expect(fault(() => ids('my-logs'))).toMatchObject({
      code: 'VARIABLE_INVALID',
      message: 'CONN_ID: must be made of letters, digits and _ only, such as s3_logs',
      hints: ['gather init --set CONN_ID=…'],
    });
    // as in a copy of .env.template
    expect(ids('')).toEqual(['AIRFLOW_CONN_S3LOGS']);
  });

  test('cannot have an id that no variable can be named for', () => {
    const error = fault(() => resolved({ CONN_ID: 'my logs' }));
    expect(error.message).toContain('"my logs"');
    expect(error.where?.line).toBe(9);
  });

  test('of a component that another requires gets what that one writes', () => {
    const safer = component(
      `requires: [logs]
offers:
  connection: [{ id: "\${CONN_ID}", conn_type: aws, login: other }]`,
      'services: {}\n',
    );
    const { catalog } = playCatalog({
      'components/logs': logs,
      'components/safer': safer,
      'topologies/t': 'components: [safer]\n',
    });
    const blueprint = resolveBlueprint(catalog, { topology: 't', components: [], airflow: '2.11.2' });
    expect(blueprint.connections).toEqual(['AIRFLOW_CONN_S3LOGS']);
    expect(json(blueprint)).toMatchObject({ login: 'other', password: 'a"b' });
  });

  test('cannot have the id of another one: both components are named, and what to change', () => {
    const eks = (env: Record<string, string>) => () =>
      resolveBlueprint(
        new Catalog([OWN]),
        { topology: 'eks', components: ['s3-logs'], airflow: '2.11.2' },
        (name) => env[name],
      );
    // Airflow takes the names of environment variables for lower case
    expect(fault(eks({ AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID: 'AWS_s3_conn' }))).toMatchObject({
      code: 'VARIABLE_INVALID',
      message: '"airflow-s3" and "s3-logs" both have a connection with the id "AWS_s3_conn"',
      hints: [
        'gather init --yes --set S3_AIRFLOW_CONN_ID=…',
        'gather init --yes --set AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID=…',
      ],
    });
    expect(eks({ AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID: 's3logs' })().connections).toEqual([
      'AIRFLOW_CONN_AWS_S3_CONN',
      'AIRFLOW_CONN_S3LOGS',
      'AIRFLOW_CONN_TRINO_DEFAULT',
    ]);
  });
});
