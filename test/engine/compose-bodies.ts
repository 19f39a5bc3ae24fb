import fc from 'fast-check';

/** The body of a service, as a component or a Compose file has it. */
export type Body = Record<string, unknown>;

const word = fc.constantFrom('one', 'two', 'three');
const value = fc.oneof(
  fc.constantFrom('', 'x', 'a b', 'y=z', '"', 'ü', '$$5'),
  fc.integer({ min: 0, max: 9 }),
);
const some = <T>(item: fc.Arbitrary<T>, by: (item: T) => unknown = (one) => one) =>
  fc.uniqueArray(item, { minLength: 1, maxLength: 3, selector: by });
const mapOf = (entry: fc.Arbitrary<unknown>) => fc.dictionary(word, entry, { minKeys: 1, maxKeys: 3 });

/** `labels: {a: 1}` and `labels: [a=1]`. */
const pairs = fc.oneof(
  mapOf(value),
  some(fc.tuple(word, value), ([key]) => key).map((all) => all.map(([key, text]) => `${key}=${text}`)),
);
const oneOrMany = (item: fc.Arbitrary<string>) => fc.oneof(item, some(item));
const commands = fc.oneof(fc.constantFrom('echo a', 'true'), some(fc.constantFrom('echo', 'a b', '$$x')));

const target = fc.constantFrom('/data', '/opt/two', '/three');
const mount = fc.oneof(
  fc
    .record({
      source: fc.constantFrom('./mine', '/srv', 'stored', '~/home', '${FOLDER:-./there}/in'),
      target,
      options: fc.constantFrom('', ':ro', ':Z', ':ro,z'),
    })
    .map((one) => ({ target: one.target, written: `${one.source}:${one.target}${one.options}` as unknown })),
  target.map((one) => ({ target: one, written: one as unknown })),
  target.map((one) => ({ target: one, written: { type: 'tmpfs', target: one } as unknown })),
  target.map((one) => ({
    target: one,
    written: { type: 'volume', source: 'stored', target: one, read_only: true } as unknown,
  })),
);
const config = fc.oneof(
  fc.constantFrom('first', 'second').map((one) => ({ target: `/${one}`, written: one as unknown })),
  fc
    .record({ source: fc.constantFrom('first', 'second'), target: fc.constantFrom('/etc/one', '/first') })
    .map((one) => ({ target: one.target, written: one as unknown })),
);
const port = fc.oneof(
  fc.constantFrom('80', '8080:80', '127.0.0.1:8081:80', '[::1]:8082:80', '9000-9002:90-92', '53:53/udp'),
  fc.constantFrom({ target: 70, published: '7070' }, { target: 71, published: '7171', host_ip: '::1' }),
);
/** Where Compose 2.26 lets no text stand twice, each layer has its own. */
const ofLayer = (layer: number) => some(fc.constantFrom('a', 'b').map((one) => `${one}${layer}`));

/** Every key of which the merging has a rule, in every form that Compose knows, and some that are merged by their shape. */
function keys(layer: number): Record<string, fc.Arbitrary<unknown>> {
  return {
    image: fc.constantFrom('a:1', 'b:2'),
    command: commands,
    entrypoint: commands,
    environment: mapOf(fc.option(value)),
    labels: pairs,
    annotations: pairs,
    sysctls: pairs,
    extra_hosts: fc.oneof(
      mapOf(fc.constantFrom('192.0.2.1', '192.0.2.2')),
      some(fc.tuple(word, fc.constantFrom('192.0.2.1', '192.0.2.2')).map((all) => all.join(':'))),
    ),
    depends_on: fc.oneof(
      some(fc.constantFrom('left', 'right')),
      fc.dictionary(
        fc.constantFrom('left', 'right'),
        fc.record({
          condition: fc.constantFrom('service_started', 'service_healthy'),
          restart: fc.boolean(),
        }),
        { minKeys: 1 },
      ),
    ),
    networks: fc.oneof(
      some(fc.constantFrom('inner', 'outer')),
      fc.dictionary(
        fc.constantFrom('inner', 'outer'),
        fc.record({ aliases: some(word), priority: fc.nat(9) }, { requiredKeys: [] }),
        { minKeys: 1 },
      ),
    ),
    volumes: some(mount, (one) => one.target).map((all) => all.map(({ written }) => written)),
    configs: some(config, (one) => one.target).map((all) => all.map(({ written }) => written)),
    ports: some(port, (one) => JSON.stringify(one)),
    tmpfs: oneOrMany(fc.constantFrom('/run', '/tmp', '/run:size=1m')),
    dns: oneOrMany(fc.constantFrom('192.0.2.53', '192.0.2.54')),
    dns_search: oneOrMany(fc.constantFrom('a.test', 'b.test')),
    expose: some(fc.constantFrom('80', '81')),
    cap_add: some(fc.constantFrom('ALL', 'CHOWN')),
    cap_drop: some(fc.constantFrom('ALL', 'CHOWN')),
    devices: some(fc.constantFrom('/dev/one:/dev/a', '/dev/two:/dev/a', '/dev/one:/dev/b'), (one) =>
      one.split(':').at(-1),
    ),
    profiles: some(fc.constantFrom('p', 'q')),
    security_opt: ofLayer(layer),
    group_add: ofLayer(layer),
    ulimits: fc.dictionary(
      fc.constantFrom('nofile', 'nproc'),
      fc.oneof(fc.nat(9), fc.record({ soft: fc.nat(9), hard: fc.nat(9) })),
      { minKeys: 1 },
    ),
    logging: fc.record(
      { driver: fc.constantFrom('json-file', 'local'), options: mapOf(fc.constantFrom('1', '2')) },
      { requiredKeys: ['options'] },
    ),
    build: fc.oneof(
      fc.constantFrom('./one', './two'),
      fc.record(
        { context: fc.constantFrom('./one', './two'), args: pairs, target: word },
        { requiredKeys: ['context'] },
      ),
    ),
    healthcheck: fc.record(
      { test: commands.map((all) => (Array.isArray(all) ? ['CMD', ...all] : all)), retries: fc.nat(9) },
      { requiredKeys: ['test'] },
    ),
    deploy: fc.record(
      {
        replicas: fc.integer({ min: 1, max: 3 }),
        labels: pairs,
        resources: fc.record({
          limits: fc.record({ cpus: fc.constant('1'), memory: fc.constant('1g') }, { requiredKeys: [] }),
        }),
      },
      { requiredKeys: [] },
    ),
    restart: fc.constantFrom('always', 'no'),
    init: fc.boolean(),
    user: fc.constantFrom('1', '1:2'),
    stop_grace_period: fc.constantFrom('1s', '1m'),
  };
}

/** A body that has an image and up to six more keys. */
export function anyBody(layer: number): fc.Arbitrary<Body> {
  const known = keys(layer);
  return fc
    .uniqueArray(fc.constantFrom(...Object.keys(known)), { maxLength: 6 })
    .chain((names) =>
      fc.record(Object.fromEntries(names.map((name) => [name, known[name] ?? fc.constant(0)]))),
    );
}

/** What the bodies name of the rest of a file. */
export const RESOURCES = {
  networks: { inner: {}, outer: {} },
  volumes: { stored: {} },
  configs: { first: { content: 'x' }, second: { content: 'y' } },
};
export const OTHERS = { left: { image: 'left:1' }, right: { image: 'right:1' } };
