import type { EnvFile } from './dotenv.js';

/** One name in which two env files differ. No value is in it. */
export interface EnvDifference {
  name: string;
  /** `here` is the first file, `there` the second. */
  how: 'missing here' | 'missing there' | 'empty here' | 'empty there' | 'differs';
  /** The line of the statement that counts, from 1; null where the file has none. */
  line: { here: number | null; there: number | null };
}

/** The names that only one of two env files sets, or to which the other gives another value, by name. */
export function compareEnv(here: EnvFile, there: EnvFile): EnvDifference[] {
  const names = [...new Set([...here.names(), ...there.names()])].sort();
  return names.flatMap((name): EnvDifference[] => {
    const [ours, theirs] = [here.get(name), there.get(name)];
    if (ours === theirs) return [];
    const line = { here: here.line(name) ?? null, there: there.line(name) ?? null };
    return [{ name, how: howDifferent(ours, theirs), line }];
  });
}

function howDifferent(ours: string | undefined, theirs: string | undefined): EnvDifference['how'] {
  if (ours === undefined) return 'missing here';
  if (theirs === undefined) return 'missing there';
  if (ours === '') return 'empty here';
  return theirs === '' ? 'empty there' : 'differs';
}
