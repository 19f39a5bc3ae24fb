import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { execa } from 'execa';
import { parsedYaml } from '../parsed-yaml.js';

const HOME = fileURLToPath(new URL('../..', import.meta.url));

/** What one process is to do: one `init`, which may be killed after so many files have been put in their place. */
export interface InitProcess {
  folder: string;
  topology?: string;
  set?: Record<string, string>;
  killAfter?: number;
}

/** Makes a program of `init` in `folder`, and gives back what runs it: a process of its own, as each call of the CLI is one. */
export async function initProgram(folder: string) {
  const file = join(folder, 'init.mjs');
  await build({
    stdin: {
      contents: `import fs from 'node:fs';
        import { init } from ${JSON.stringify(join(HOME, 'src/setup/init.ts'))};
        const task = JSON.parse(process.argv[2]);
        const { renameSync } = fs;
        let left = task.killAfter ?? Infinity;
        fs.renameSync = (...args) => {
          renameSync(...args);
          if (--left === 0) process.kill(process.pid, 'SIGKILL');
        };
        await init({ folder: task.folder, compose: ${JSON.stringify(join(HOME, 'compose'))}, examples: ${JSON.stringify(HOME)},
          topology: task.topology, set: new Map(Object.entries(task.set ?? {})), rotate: new Set(), rederive: new Set() });`,
      resolveDir: HOME,
      loader: 'ts',
    },
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['prompts', 'pg'],
    // as build.mjs has it
    alias: { 'jsonc-parser': join(HOME, 'node_modules/jsonc-parser/lib/esm/main.js') },
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  writeFileSync(join(folder, 'parsed-yaml.json'), JSON.stringify(parsedYaml()));
  return (task: InitProcess) => execa(process.execPath, [file, JSON.stringify(task)], { reject: false });
}
