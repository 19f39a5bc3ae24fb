import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ArtifactServer, startArtifactServer } from './artifact-server.js';
import { docker, dockerOk } from './docker.js';
import { emptyFolder, gather } from './gather.js';
import { marksIn, occurrences } from './marks.js';

// Images of a project's own component, from Maven's and npm's packages: the public ones as this machine reaches them, and a
// company's behind a login, from settings in a home of its own.

const cwd = emptyFolder('ecosystems');
const home = emptyFolder('home');
const NAME = `gather-test-${randomBytes(4).toString('hex')}`;
const MARKS = { password: randomBytes(12).toString('hex'), token: randomBytes(12).toString('hex') };
const SECRETS = Object.values(MARKS);
const APT =
  'RUN --mount=type=secret,id=ca --mount=type=secret,id=apt-sources --mount=type=secret,id=apt-conf';
const MAVEN =
  'RUN --mount=type=cache,id=gather-maven,target=/var/cache/maven,sharing=locked' +
  ' --mount=type=secret,id=ca --mount=type=secret,id=maven --mount=type=secret,id=netrc';
const NPM =
  'RUN --mount=type=cache,id=gather-npm,target=/var/cache/npm,sharing=locked' +
  ' --mount=type=secret,id=ca --mount=type=secret,id=npmrc';
let server: ArtifactServer;
let images: Record<string, string> = {};
let said = '';

function put(path: string, text: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
const dockerfile = (image: string, ...lines: string[]) =>
  put(join(cwd, 'compose/components', image, 'Dockerfile'), `${lines.join('\n')}\n`);
const build = () =>
  gather(['images', 'build', '--output', 'json'], {
    cwd,
    env: { HOME: home, npm_config_userconfig: join(home, '.npmrc') },
  });
const inImage = (variable: string, ...command: string[]) =>
  dockerOk(['run', '--rm', '--network', 'none', images[variable] ?? '', ...command]);

beforeAll(async () => {
  server = await startArtifactServer(NAME, `me:${MARKS.password}`, MARKS.token);
  put(join(cwd, 'gather.yaml'), 'topology: fetch\n');
  put(join(cwd, 'own.bin'), Buffer.from([0xff, 0xfe, 0x00]));
  put(join(cwd, 'compose/topologies/fetch.yaml'), 'components: [fetch]\n');
  put(
    join(cwd, 'compose/components/fetch.yaml'),
    `x-gather:
  summary: What was fetched
  collects: { requirement: { package: text } }
  offers: { requirement: [{ package: one }, { package: two }] }
  images:
    JARS_IMAGE: { build: jars, args: { INJECT: "\${INJECT_VERSION}" } }
    NODE_IMAGE: { build: node }
    ON_TOP_IMAGE: { build: top, on: JARS_IMAGE, files: { etc/needs.txt: "\${gather.requirements}", own.bin: ./own.bin } }
  variables:
    INJECT_VERSION: { default: 1 }
services:
  fetch: { image: "\${ON_TOP_IMAGE}", labels: { with: "\${NODE_IMAGE}" } }
`,
  );
  dockerfile(
    'jars',
    'FROM base AS fetched',
    `${APT} apt-install ca-certificates curl`,
    'ARG INJECT',
    `${MAVEN} maven-fetch /jars javax.inject:javax.inject:$INJECT com.example:${NAME}:1.0:jar`,
    'FROM base',
    'COPY --from=fetched /jars /jars',
  );
  dockerfile(
    'node',
    'FROM base AS fetched',
    `${APT} apt-install ca-certificates curl nodejs`,
    `${NPM} npm-install /app is-number@7.0.0 @gather-test/${NAME}@1.0.0`,
    'FROM base',
    'COPY --from=fetched /app /app',
  );
  dockerfile('top', 'FROM jars', 'COPY etc/needs.txt own.bin /');
  put(
    join(home, '.m2/settings.xml'),
    `<settings>
  <servers><server><id>corp</id><username>me</username><password>${MARKS.password}</password></server></servers>
  <mirrors><mirror><id>corp</id><mirrorOf>corp</mirrorOf><url>${server.mavenUrl}</url></mirror></mirrors>
  <profiles><profile><id>corp</id><repositories>
    <repository><id>corp</id><url>https://maven.corp.example/all</url></repository>
  </repositories></profile></profiles>
  <activeProfiles><activeProfile>corp</activeProfile></activeProfiles>
</settings>
`,
  );
  const own = server.npmUrl.replace(/^http:/, '');
  put(join(home, '.npmrc'), `@gather-test:registry=${server.npmUrl}\n${own}:_authToken=${MARKS.token}\n`);
  const { code, stdout, stderr } = await build();
  said = stdout + stderr;
  expect(code, said).toBe(0);
  images = (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { data: Record<string, string> }).data;
});
afterAll(async () => {
  await server.stop();
  const all = (await dockerOk(['images', '--format', '{{.Repository}}:{{.Tag}}'])).split('\n');
  const made = all.filter((name) => /^localhost\/gather\/(on-top|node|jars):/.test(name));
  if (made.length) await docker(['rmi', ...made.sort().reverse()]);
  for (const folder of [cwd, home]) rmSync(folder, { recursive: true });
});

test("an image has jars of Maven Central and of the company's repository", async () => {
  const sums = await inImage('ON_TOP_IMAGE', 'sha1sum', '/jars/javax.inject-1.jar');
  expect(sums).toMatch(/^6975da39a7040257bd51d21a231b76c915872d38 /);
  expect((await inImage('ON_TOP_IMAGE', 'cat', `/jars/${NAME}-1.0.jar`)).trim()).toBe(`the jar ${NAME}`);
  expect(images).not.toHaveProperty('JARS_IMAGE');
  expect(server.served).toContain(`/maven/com/example/${NAME}/1.0/${NAME}-1.0.jar`);
});

test("and packages of npm, the public ones and the company's", async () => {
  const about = async (name: string) =>
    JSON.parse(await inImage('NODE_IMAGE', 'cat', `/app/node_modules/${name}/package.json`)) as {
      version: string;
    };
  expect((await about('is-number')).version).toBe('7.0.0');
  expect(await about(`@gather-test/${NAME}`)).toMatchObject({
    version: '1.0.0',
    description: `the package ${NAME}`,
  });
  expect(server.served).toContain(`/npm/${NAME}.tgz`);
});

test('an image on another has its files, and those of the project and of gather', async () => {
  expect(await inImage('ON_TOP_IMAGE', 'ls', '/jars')).toContain('javax.inject-1.jar');
  expect(await inImage('ON_TOP_IMAGE', 'cat', '/needs.txt')).toBe('one\ntwo');
  expect((await inImage('ON_TOP_IMAGE', 'sha1sum', '/own.bin')).split(' ')[0]).toBe(
    'b11b4321218546dd157b6dd23f1e783339c4c5ee',
  );
});

test("neither the logins nor the company's servers are in the images, nor the logins in what was said", async () => {
  const hidden = [...SECRETS, new URL(server.npmUrl).host];
  expect(await marksIn(images.ON_TOP_IMAGE ?? '', `the jar ${NAME}`, hidden)).toBe(0);
  expect(await marksIn(images.NODE_IMAGE ?? '', `the package ${NAME}`, hidden)).toBe(0);
  expect(occurrences([said], SECRETS)).toBe(0);
});

test.each([
  [`com.example:${NAME}:9.9`, 'no repository has'],
  [`com.example:${NAME}:2.0`, 'is not what its checksum says'],
])('%s is named when it cannot be had: %s', async (wanted, problem) => {
  dockerfile(
    'jars',
    'FROM base AS fetched',
    `${APT} apt-install ca-certificates curl`,
    `${MAVEN} maven-fetch /jars ${wanted}`,
  );
  const { code, stdout } = await build();
  expect(code).toBe(1);
  expect(stdout).toContain(`the image jars cannot be built: ${wanted} cannot be installed`);
  expect(stdout).toContain(problem);
  expect(occurrences([stdout], SECRETS)).toBe(0);
});
