import { GatherError } from '../output/errors.js';
import { interpolate } from '../project/interpolate.js';

/** What gather has to know of a person's Dockerfile before BuildKit reads it. */
export interface ReadDockerfile {
  /** The text to build: BuildKit's own frontend reads it, which no registry has to give out. */
  text: string;
  /** Names after `FROM` that the stack's own Airflow stands in for. */
  airflowNames: string[];
  /** Paths of the context that end up in the image; undefined when it may be any. */
  sources: string[] | undefined;
}

export interface Instruction {
  name: string;
  rest: string;
  line: number;
}

const CONTINUED = /\\\s*$/;
const HERE_DOCUMENT = /<<-?["']?([A-Za-z_]\w*)["']?/g;
/** Docker Hub's name of the official image, as BuildKit writes it: without `docker.io/`. */
const OFFICIAL = /^(?:docker\.io\/|index\.docker\.io\/)?(apache\/airflow(?:[:@].+)?)$/;

/**
 * Reads a Dockerfile as far as gather has to. Throws IMAGE_FAILED with file and line for an official image of another
 * version than the stack's.
 * @param airflow the stack's version, such as 2.11.2
 */
export function readDockerfile(source: string, file: string, airflow: string): ReadDockerfile {
  const text = source.replace(/^\uFEFF?#\s*syntax\s*=.*$/im, '#');
  const instructions = instructionsOf(text);
  const names = new Set(['airflow']);
  for (const { image, line } of basesOf(instructions)) {
    const official = OFFICIAL.exec(image)?.[1];
    if (official === undefined) continue;
    const version = /:[^@]*?(\d+\.\d+\.\d+)/.exec(official)?.[1];
    if (version !== undefined && version !== airflow) throw otherVersion(version, airflow, { file, line });
    names.add(official.replace(/:latest$/, ''));
  }
  return { text, airflowNames: [...names], sources: sourcesOf(instructions) };
}

function otherVersion(theirs: string, ours: string, where: { file: string; line: number }): GatherError {
  return new GatherError('IMAGE_FAILED', `this is Airflow ${theirs}, and the stack has ${ours}`, {
    where,
    hints: [`gather init --airflow ${theirs} makes it the stack's, too`, `or FROM apache/airflow:${ours}`],
  });
}

/** One each, with continued lines joined, and without comments and the bodies of here-documents. */
export function instructionsOf(text: string): Instruction[] {
  const lines = text
    .split(/\r?\n/)
    .map((said, i) => ({ said, line: i + 1 }))
    .filter(({ said }) => !/^\s*(#|$)/.test(said));
  const found: Instruction[] = [];
  for (let next = lines.shift(); next; next = lines.shift()) {
    let joined = next.said;
    while (CONTINUED.test(joined)) joined = joined.replace(CONTINUED, ' ') + (lines.shift()?.said ?? '');
    const [, name = '', rest = ''] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(joined) ?? [];
    found.push({ name: name.toUpperCase(), rest: rest.trim(), line: next.line });
    for (const [, end = ''] of rest.matchAll(HERE_DOCUMENT))
      for (let body = lines.shift(); body && body.said.trim() !== end; ) body = lines.shift();
  }
  return found;
}

/** The image of each `FROM`, with the defaults of the `ARG`s before the first one filled in. */
function basesOf(instructions: Instruction[]): { image: string; line: number }[] {
  const args = new Map<string, string>();
  for (const { name, rest } of instructions) {
    if (name === 'FROM') break;
    for (const [, key = '', value = ''] of name === 'ARG' ? rest.matchAll(/(\w+)=("[^"]*"|\S*)/g) : [])
      args.set(key, value.replace(/^"|"$/g, ''));
  }
  return instructions
    .filter(({ name }) => name === 'FROM')
    .map(({ rest, line }) => {
      const word = rest.split(/\s+/).find((one) => !one.startsWith('--')) ?? '';
      return { image: filledIn(word, args), line };
    });
}

function filledIn(word: string, args: Map<string, string>): string {
  try {
    return interpolate(word, (name) => args.get(name));
  } catch {
    // BuildKit says better than we could what is wrong with it
    return word;
  }
}

/** What `COPY`, `ADD` and mounts take from the context; undefined when one of them may take anything. */
function sourcesOf(instructions: Instruction[]): string[] | undefined {
  const taken = instructions.flatMap(({ name, rest }): string[] => {
    if (name === 'COPY' || name === 'ADD') return copied(rest);
    return name === 'RUN' ? bound(rest) : [];
  });
  const paths = taken.map(fixedPart);
  return paths.includes('') ? undefined : [...new Set(paths)].sort();
}

function copied(rest: string): string[] {
  const flags = /^(?:--\S+\s+)*/.exec(rest)?.[0] ?? '';
  if (/--from=/.test(flags)) return [];
  const words = wordsOf(rest.slice(flags.length));
  return words.slice(0, -1).filter((word) => !/^(<<|https?:|git@)/.test(word));
}

function wordsOf(text: string): string[] {
  if (!text.startsWith('[')) return text.split(/\s+/);
  try {
    return (JSON.parse(text) as unknown[]).map(String);
  } catch {
    return text.split(/\s+/);
  }
}

function bound(rest: string): string[] {
  return [...rest.matchAll(/--mount=(\S+)/g)].flatMap(([, mount = '']) => {
    const options = new Map(
      mount.split(',').map((pair): [string, string] => {
        const [key = '', value = ''] = pair.split('=', 2);
        return [key, value];
      }),
    );
    if ((options.get('type') ?? 'bind') !== 'bind' || options.has('from')) return [];
    return [options.get('source') ?? options.get('src') ?? ''];
  });
}

/** The folders of a path before the first part that only BuildKit can fill in; empty for the whole context. */
function fixedPart(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const odd = parts.findIndex((part) => /[*?[\\$]|^\.\.$/.test(part));
  return parts.slice(0, odd === -1 ? undefined : odd).join('/');
}
