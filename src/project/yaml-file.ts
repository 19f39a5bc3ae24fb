import * as v from 'valibot';
import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import type { Field, Problem } from '../model/fields.js';
import { type ErrorCode, GatherError, type Location } from '../output/errors.js';
import { nearest } from '../output/nearest.js';
import { parsedAtBuild } from './parsed-yaml.js';

/** The keys and places that lead to a value. */
export type Path = (string | number)[];

/** What a key may hold, for the texts of errors. */
export type Shape =
  | 'text'
  | 'number'
  | 'list of text'
  | 'text or list of text'
  | 'map of text'
  | 'map'
  | 'true or false';

/** A YAML file that knows on which line each of its values stands. Throws `code` with file and line on what is wrong. */
export class YamlFile {
  private readonly plain: unknown;

  constructor(
    private readonly source: string,
    readonly file: string,
    private readonly code: ErrorCode,
  ) {
    this.plain = parsedAtBuild(source) ?? this.parse().toJS({ maxAliasCount: 1000 }) ?? {};
  }

  /** The whole file as plain data. */
  data(): unknown {
    return this.plain;
  }

  /** @param lines learns where each line begins, which costs a tenth of the time; what is wrong has to know it in any case. */
  private parse(lines?: LineCounter): Document.Parsed {
    const options = { merge: true, prettyErrors: false };
    const parsed = parseDocument(this.source, lines ? { ...options, lineCounter: lines } : options);
    const error = parsed.errors[0];
    if (!error) return parsed;
    if (!lines) return this.parse(new LineCounter());
    throw this.errorAt(`not valid YAML: ${error.message}`, lines.linePos(error.pos[0]).line);
  }

  /** Parses once more: only an error wants to know, and the places of a thousand components would fill the memory. */
  line(path: Path): number | undefined {
    const lines = new LineCounter();
    let node: unknown = this.parse(lines).contents;
    let line = lineOf(node, lines);
    for (const key of path) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
        if (!pair) return line;
        line = lineOf(pair.key, lines) ?? line;
        node = pair.value;
      } else {
        node = (node as YAMLMap | null)?.get?.(key, true);
        line = lineOf(node, lines) ?? line;
      }
    }
    return line;
  }

  /** The place of a value, for an error that somebody else finds. */
  location(path: Path): Location {
    const line = this.line(path);
    return { file: this.file, ...(line === undefined ? {} : { line }) };
  }

  errorAt(message: string, where: Path | number | undefined, hints: string[] = []): GatherError {
    const line = Array.isArray(where) ? this.line(where) : where;
    return new GatherError(this.code, message, {
      where: { file: this.file, ...(line === undefined ? {} : { line }) },
      hints,
    });
  }

  /** What stands at `path`, as the declaration wants it: nothing is read of a key that it does not name. */
  read<T extends Field>(field: T, path: Path = []): v.InferOutput<T> {
    const found = v.safeParse(field, this.at(path) ?? undefined);
    if (found.success) return found.output;
    // a slip in a key says more than that the key is missing then
    const issue = found.issues.find(({ message }) => 'unknown' in problemIn(message)) ?? found.issues[0];
    const inner = (issue.path ?? []).map(({ key }) => key as string | number);
    throw this.fault([...path, ...inner], problemIn(issue.message), issue.input);
  }

  private fault(path: Path, problem: Problem, value: unknown): GatherError {
    if ('shape' in problem) return this.wrongShape(path, problem.shape as Shape, value);
    if ('unknown' in problem) return this.unknownKey(path.slice(0, -1), problem.unknown, problem.allowed);
    if ('missing' in problem)
      return this.errorAt(`${owner(path.slice(0, -1))} needs "${problem.missing}"`, path.slice(0, -1));
    if ('allowed' in problem)
      return this.errorAt(
        `${dotted(path)} is "${value}"${suggestion(String(value), problem.allowed)}`,
        path,
        [`allowed: ${problem.allowed.join(', ')}`],
      );
    return this.errorAt(`${owner(path)} ${problem.says}`, path, problem.hints);
  }

  /** The map at `path`, with none but the allowed keys; an absent one is empty. */
  map(path: Path, allowed?: readonly string[]): Record<string, unknown> {
    const value = this.at(path);
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) throw this.wrongShape(path, 'map', value);
    if (allowed) for (const key of Object.keys(value)) this.checkKey(path, key, allowed);
    return value as Record<string, unknown>;
  }

  text(path: Path): string | undefined {
    const value = this.at(path);
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'object') throw this.wrongShape(path, 'text', value);
    return String(value);
  }

  oneOf<T extends string>(path: Path, allowed: readonly T[]): T | undefined {
    const value = this.text(path);
    if (value === undefined) return undefined;
    if ((allowed as readonly string[]).includes(value)) return value as T;
    throw this.errorAt(`${dotted(path)} is "${value}"${suggestion(value, allowed)}`, path, [
      `allowed: ${allowed.join(', ')}`,
    ]);
  }

  flag(path: Path): boolean | undefined {
    const value = this.at(path);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.wrongShape(path, 'true or false', value);
  }

  number(path: Path): number | undefined {
    const value = this.at(path);
    if (value === undefined || typeof value === 'number') return value;
    throw this.wrongShape(path, 'number', value);
  }

  list(path: Path): string[] {
    const value = this.at(path);
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value) || value.some((item) => typeof item === 'object'))
      throw this.wrongShape(path, 'list of text', value);
    return value.map(String);
  }

  texts(path: Path): Record<string, string> {
    const entries = Object.entries(this.map(path)).map(([key, value]) => {
      if (typeof value === 'object') throw this.wrongShape([...path, key], 'text', value);
      return [key, String(value)];
    });
    return Object.fromEntries(entries);
  }

  private at(path: Path): unknown {
    let value: unknown = this.data();
    for (const key of path) value = (value as Record<string | number, unknown> | null | undefined)?.[key];
    return value;
  }

  private checkKey(path: Path, key: string, allowed: readonly string[]): void {
    if (!allowed.includes(key)) throw this.unknownKey(path, key, allowed);
  }

  private unknownKey(path: Path, key: string, allowed: readonly string[]): GatherError {
    const owner = path.length ? ` in ${dotted(path)}` : '';
    return this.errorAt(
      `unknown key "${key}"${owner}${suggestion(key, allowed)}`,
      [...path, key],
      [`allowed: ${allowed.join(', ')}`],
    );
  }

  private wrongShape(path: Path, shape: Shape, value: unknown): GatherError {
    const is = Array.isArray(value) ? 'a list' : value === null ? 'empty' : `a ${typeOf(value)}`;
    return this.errorAt(`${owner(path)} must be a ${shape}, and is ${is}`, path);
  }
}

/** What a declaration of `fields.ts` says; what valibot says itself is told as it is. */
function problemIn(message: string): Problem {
  try {
    return JSON.parse(message) as Problem;
  } catch {
    return { says: message };
  }
}

function typeOf(value: unknown): string {
  return typeof value === 'object' ? 'map' : typeof value === 'string' ? 'text' : typeof value;
}

function dotted(path: Path): string {
  return path.join('.');
}

function owner(path: Path): string {
  return dotted(path) || 'the file';
}

function suggestion(value: string, allowed: readonly string[]): string {
  const near = nearest(value, allowed);
  return near ? `; did you mean "${near}"?` : '';
}

function lineOf(node: unknown, lines: LineCounter): number | undefined {
  const start = (node as Node | null | undefined)?.range?.[0];
  return start === undefined ? undefined : lines.linePos(start).line;
}
