import { backslashQuoted, shellQuoted } from '../output/quoting.js';
import type { Engine } from './engine.js';

/**
 * The lines for `eval "$(gather engine env)"`: they make a shell's docker, compose and buildx talk to this engine.
 * @param shell the user's shell, such as `/usr/bin/fish`; anything else is taken for a kind of sh
 */
export function shellEnv(engine: Engine, shell = process.env.SHELL ?? ''): string {
  const fish = shell.endsWith('fish');
  const line = (name: string, value: string) => {
    if (fish)
      return `set -gx ${name} ${name === 'PATH' ? value.split(':').map(backslashQuoted).join(' ') : backslashQuoted(value)};`;
    return `export ${name}=${shellQuoted(value)}`;
  };
  return Object.entries(engine.env)
    .map(([name, value]) => `${line(name, value)}\n`)
    .join('');
}
