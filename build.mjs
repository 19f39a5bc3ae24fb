// `npm run build`: dist/ as it is published. One bundle, because loading a hundred small files costs 50 ms at every start.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { parseDocument } from 'yaml';

/** In the bundle: what every start needs. The dependencies are heavy or native, and loaded where they are used. */
const BUNDLED = ['@balena/dockerignore', 'commander', 'yaml'];
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: Object.keys(dependencies),
  // the bundled packages are CommonJS and ask for Node's own modules with require
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

const licences = BUNDLED.map((name) => {
  const file = readdirSync(`node_modules/${name}`).find((one) => one.startsWith('LICENSE'));
  return `${name}\n\n${readFileSync(`node_modules/${name}/${file}`, 'utf8')}`;
});
writeFileSync('dist/THIRD-PARTY-LICENSES', licences.join('\n---\n\n'));

// gather's own components and topologies, parsed: YAML costs 5 ms a file. src/project/parsed-yaml.ts reads them by digest.
const parsed = {};
for (const folder of ['compose/components', 'compose/topologies'])
  for (const name of readdirSync(folder)) {
    const text = readFileSync(`${folder}/${name}`, 'utf8');
    const document = parseDocument(text, { merge: true });
    if (document.errors.length > 0) throw new Error(`${folder}/${name}: ${document.errors[0]}`);
    parsed[createHash('sha256').update(text).digest('hex')] = document.toJS();
  }
writeFileSync('dist/parsed-yaml.json', JSON.stringify(parsed));
