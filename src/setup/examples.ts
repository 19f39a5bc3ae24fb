import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Copies the example files of the folders that the project does not have yet. Returns what is new, relative to the project. */
export function copyExamples(from: string, folder: string, folders: string[]): string[] {
  if (resolve(from) === resolve(folder)) return [];
  const copied: string[] = [];
  const isNew = (name: string) => !existsSync(join(folder, name)) && existsSync(join(from, name));
  for (const name of folders) {
    if (!isNew(name) || name === 'logs') continue;
    cpSync(join(from, name), join(folder, name), { recursive: true, filter: (path) => !path.includes('__pycache__') });
    copied.push(...readdirSync(join(folder, name)).map((file) => `${name}/${file}`));
  }
  if (isNew('requirements.txt')) {
    cpSync(join(from, 'requirements.txt'), join(folder, 'requirements.txt'));
    copied.push('requirements.txt');
  }
  return copied;
}
