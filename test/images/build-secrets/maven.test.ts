import { expect, test } from 'vitest';
import { maven } from '../../../src/images/build-secrets/maven.js';
import { playHost, secretsOf } from './play-host.js';

const CENTRAL = 'https://repo.maven.apache.org/maven2';

async function repositories(settings: string, env: NodeJS.ProcessEnv = {}, global = ''): Promise<string[][]> {
  const host = playHost(
    {
      'home/.m2/settings.xml': `<?xml version="1.0"?>\n<settings xmlns="x">\n${settings}\n</settings>\n`,
      'etc/maven/settings.xml': `<settings>${global}</settings>`,
    },
    env,
  );
  const { maven: lines } = await secretsOf(maven, host);
  return lines === undefined
    ? []
    : lines
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => line.split('\t'));
}

const mirror = (of: string, url = 'https://m.example/all/', id = 'm') =>
  `<mirror><id>${id}</id><mirrorOf>${of}</mirrorOf><url>${url}</url></mirror>`;
const server = (id: string, password: string) =>
  `<server><id>${id}</id><username>me</username><password>${password}</password></server>`;
const proxy = (rest: string) =>
  `<proxies><proxy><id>p</id>${rest}<host>proxy.example</host><port>3128</port></proxy></proxies>`;
const profile = (id: string, repository: string, rest = '') =>
  `<profiles><profile><id>${id}</id>${rest}<repositories>${repository}</repositories></profile></profiles>`;
const repository = (id: string, url: string) => `<repository><id>${id}</id><url>${url}</url></repository>`;

test('without settings, Maven Central is asked', async () => {
  expect(await repositories('')).toEqual([]);
  expect(await repositories(`<!-- <mirrors>${mirror('*')}</mirrors> -->`)).toEqual([]);
});

test.each([
  ['*', true],
  ['central', true],
  ['external:*', true],
  ['*,!central', false],
  ['other,central', true],
  ['external:http:*', false],
  ['other', false],
])('a mirror of %s stands for Central: %s', async (of, stands) => {
  expect(await repositories(`<mirrors>${mirror(of)}</mirrors>`)).toEqual(
    stands ? [['https://m.example/all', '', '']] : [],
  );
});

test('an exact mirror comes before a pattern', async () => {
  const mirrors = mirror('*', 'https://any.example', 'any') + mirror('central', 'https://exact.example', 'e');
  expect(await repositories(`<mirrors>${mirrors}</mirrors>`)).toEqual([['https://exact.example', '', '']]);
});

test("the login is the mirror's; entities, CDATA and the environment are filled in", async () => {
  const settings = (password: string) =>
    `<servers>${server('other', 'x')}${server('m', password)}</servers><mirrors>${mirror('*')}</mirrors>`;
  const login = async (password: string, env = {}) => (await repositories(settings(password), env))[0]?.[1];
  expect(await login('a&lt;b&amp;&#252;')).toBe('me:a<b&ü');
  expect(await login('<![CDATA[a<b]]>')).toBe('me:a<b');
  expect(await login('${env.TOKEN}', { TOKEN: '$1&amp;<' })).toBe('me:$1&amp;<');
  // encrypted with a key that only Maven has
  expect(await login('{jSMOWnoPFgsHVpMvz5VrIt5kRbzGpI8u+9EF1iFQyJQ=}')).toBe('');
});

test('the proxy is the first that is on, unless the host is reached without', async () => {
  const of = async (rest: string) => (await repositories(proxy(rest)))[0]?.[2];
  expect(await of('')).toBe('http://proxy.example:3128');
  expect(await of('<username>me</username><password>p@ss</password>')).toBe(
    'http://me:p%40ss@proxy.example:3128',
  );
  expect(await repositories(proxy('<active>false</active>'))).toEqual([]);
  expect(await repositories(proxy('<nonProxyHosts>localhost|*.apache.org</nonProxyHosts>'))).toEqual([]);
});

test('repositories of active profiles come first, and may stand for Central', async () => {
  const corp = profile('corp', repository('corp', 'https://corp.example/m2/'));
  expect(await repositories(corp)).toEqual([]);
  expect(
    await repositories(`${corp}<activeProfiles><activeProfile>corp</activeProfile></activeProfiles>`),
  ).toEqual([
    ['https://corp.example/m2', '', ''],
    [CENTRAL, '', ''],
  ]);
  const central = profile(
    'all',
    repository('central', 'https://corp.example/central'),
    '<activation><activeByDefault>true</activeByDefault></activation>',
  );
  expect(await repositories(central)).toEqual([['https://corp.example/central', '', '']]);
});

test("the machine's settings count, too, behind the person's", async () => {
  const global = `<mirrors>${mirror('*', 'https://global.example')}</mirrors>`;
  expect(await repositories('', {}, global)).toEqual([['https://global.example', '', '']]);
  expect(await repositories(`<mirrors>${mirror('*')}</mirrors>`, {}, global)).toEqual([
    ['https://m.example/all', '', ''],
  ]);
});

test('a repository without TLS is not asked where Maven blocks it, but as a mirror', async () => {
  const blocker = `<mirrors>${mirror('external:http:*', 'http://0.0.0.0/', 'blocker').replace('<url>', '<blocked>true</blocked><url>')}</mirrors>`;
  const plain = profile(
    'corp',
    repository('corp', 'http://corp.example/m2') + repository('near', 'http://localhost:8081/m2'),
    '<activation><activeByDefault>true</activeByDefault></activation>',
  );
  expect(await repositories(plain, {}, blocker)).toEqual([
    ['http://localhost:8081/m2', '', ''],
    [CENTRAL, '', ''],
  ]);
  const own = `<mirrors>${mirror('corp', 'http://corp.example/m2')}</mirrors>`;
  expect((await repositories(plain + own, {}, blocker))[0]).toEqual(['http://corp.example/m2', '', '']);
});
