// `npm run build`: dist/ as it is published. One bundle, because loading a hundred small files costs 50 ms at every start.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { parseDocument } from 'yaml';

/** `dependencies` are not in the bundle: they are heavy or native, and loaded where they are used. */
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

/**
 * What gather's own code loads later becomes one file, which is loaded when the first of it is: esbuild makes a file of each set of
 * modules that the same others share, and twenty of them cost a start more than all that it does not use.
 */
const SRC = resolve('src');
const LATER = /\bimport\('(\.\.?\/[^']+)\.js'\)/g;
const laterTogether = {
  name: 'what is loaded later, together',
  setup(build) {
    const target = (file, specifier) => relative(SRC, resolve(file, '..', specifier));
    const modules = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const file = resolve(SRC, name);
        return [...readFileSync(file, 'utf8').matchAll(LATER)].map(([, specifier]) =>
          target(file, specifier),
        );
      });
    const exported = [...new Set(modules)].map(
      (name) => `export * as ${JSON.stringify(name)} from './${name}.js';`,
    );
    build.onResolve({ filter: /^gather:later$/ }, ({ path }) => ({ path, namespace: 'gather' }));
    build.onLoad({ filter: /^gather:later$/, namespace: 'gather' }, () => ({
      contents: exported.join('\n'),
      resolveDir: SRC,
    }));
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replace(LATER, (_, specifier) => {
        const name = JSON.stringify(target(path, specifier));
        return `import('gather:later').then((later) => later[${name}])`;
      }),
    }));
  },
};

/**
 * Parts of dockerode that gather calls rarely (ssh) or never (BuildKit's session): half of its 130 ms of loading. In the bundle
 * each is a function that loads the real one when it is called.
 */
const LAZY = /^\.\/(ssh|session|buildkit)$/;
const lazyParts = {
  name: 'lazy parts of dockerode',
  setup(build) {
    build.onResolve({ filter: LAZY }, ({ path, importer, resolveDir }) => {
      if (!/node_modules\/(dockerode|docker-modem)\//.test(importer)) return undefined;
      return { path: `${resolveDir}/${path.slice(2)}.js`, namespace: 'lazy' };
    });
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      contents: `const real = () => require(${JSON.stringify(path)});
module.exports = new Proxy(function () {}, { apply: (_, self, args) => real().apply(self, args), get: (_, key) => real()[key] });`,
      resolveDir: path.replace(/\/[^/]*$/, ''),
    }));
  },
};

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: [...Object.keys(dependencies), 'cpu-features', '*.node'],
  plugins: [laterTogether, lazyParts],
  // the bundled packages are CommonJS and ask for Node's own modules with require
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  minifyWhitespace: true,
  // their modules as such: as CommonJS the first takes longer to begin with, and the second cannot be bundled
  alias: {
    yaml: resolve('node_modules/yaml/browser/dist/index.js'),
    'jsonc-parser': resolve('node_modules/jsonc-parser/lib/esm/main.js'),
  },
  metafile: true,
  logLevel: 'warning',
});

// of every package in it, as its licence asks
const packages = Object.keys(metafile.inputs).flatMap((file) => {
  const folder = /^(?:lazy:)?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
  return folder ? [resolve(folder)] : [];
});
const licences = [...new Set(packages)].sort().map((folder) => {
  const { name, license, author } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((one) => /^licen[sc]e/i.test(one));
  return `${name}\n\n${file ? readFileSync(`${folder}/${file}`, 'utf8') : `${license}, by ${author?.name ?? author}\n`}`;
});
writeFileSync('dist/THIRD-PARTY-LICENSES', licences.join('\n---\n\n'));

// gather's own components and topologies, parsed: YAML costs 5 ms a file. src/project/parsed-yaml.ts finds them by length and digest.
const parsed = {};
for (const file of readdirSync('compose', { recursive: true, encoding: 'utf8' })) {
  if (!/^(components|topologies)\/.*\.yaml$/.test(file)) continue;
  const text = readFileSync(`compose/${file}`, 'utf8');
  const document = parseDocument(text, { merge: true });
  if (document.errors.length > 0) throw new Error(`compose/${file}: ${document.errors[0]}`);
  parsed[text.length] ??= {};
  parsed[text.length][createHash('sha256').update(text).digest('hex')] = document.toJS();
}
writeFileSync('dist/parsed-yaml.json', JSON.stringify(parsed));
