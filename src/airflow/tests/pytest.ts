import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { GatherError } from '../../output/errors.js';
import type { Reporter } from '../../output/events.js';
import { count } from '../../output/text.js';
import { type BrokenFile, brokenFile } from '../dags/dags.js';
import { runThrowaway, type Throwaway } from './throwaway.js';

/** Where a project's pytest is, relative to its folder; `tests/` is mounted for the run. */
const TEST_FOLDERS = ['dags/tests', 'tests'];
/** pytest's exit codes (its docs, "Exit codes"): 4 wrong usage, 5 no tests found. */
const PYTEST_USAGE = 4;
const PYTEST_NOTHING = 5;

export interface TestReport {
  dags: string[];
  importErrors: Omit<BrokenFile, 'trace'>[];
  /** Seconds that the import of all DAG files took. */
  importSeconds: number;
  /** Undefined when there are no tests, or when a broken DAG file came first. */
  pytest: { passed: boolean; summary: string } | undefined;
  passed: boolean;
}

export interface TestOptions {
  /** What the person wrote behind `--`. */
  args: string[];
  colour: boolean;
  report: Reporter;
  signal: AbortSignal;
}

/** What the container says of the DAG files, before pytest begins. */
interface Checked {
  dags: { id: string; file: string }[];
  errors: { file: string; trace: string }[];
  seconds: number;
  pytest: boolean;
}

/** Imports every DAG file and runs the project's pytest, in a container with a database of its own. */
export async function testDags(container: Throwaway, options: TestOptions): Promise<TestReport> {
  const { args, colour, report, signal } = options;
  const { folder } = container.stack.project;
  const folders = TEST_FOLDERS.filter((one) => hasTests(join(folder, one)));
  const isAsked = args.length > 0 || folders.length > 0;
  let checked: Checked | undefined;
  let summary = '';
  const exitCode = await runThrowaway(container, {
    database: 'own',
    check: true,
    command: isAsked ? pytestLine(args, folders, folder, colour) : [],
    folders: folders.filter((one) => one === 'tests'),
    onLine(text) {
      if (!checked) {
        checked = readCheck(text);
        if (checked) return tell(checked, report);
      }
      summary = summaryIn(text) ?? summary;
      report.event({ type: 'log', source: '', text });
    },
    signal,
  });
  if (!checked)
    throw new GatherError('COMMAND_FAILED', `the container of the tests ended with ${exitCode}`, {
      hints: ['what it said stands above'],
    });
  if (isAsked && !checked.pytest)
    throw new GatherError(
      'COMMAND_FAILED',
      "there are tests, and Airflow's image has no pytest to run them",
      {
        hints: ['add the line pytest to requirements.txt, and run gather test again'],
      },
    );
  if (isAsked && exitCode === PYTEST_USAGE)
    throw new GatherError('USAGE', 'pytest does not understand that', {
      hints: ['what it said stands above'],
    });
  const isGood = exitCode === 0 || exitCode === PYTEST_NOTHING;
  const importErrors = checked.errors.map(asBroken).map(({ trace: _, ...rest }) => rest);
  return {
    dags: checked.dags.map((dag) => dag.id).sort(),
    importErrors,
    importSeconds: checked.seconds,
    pytest: isAsked ? { passed: isGood, summary } : undefined,
    passed: isGood && importErrors.length === 0,
  };
}

function pytestLine(args: string[], folders: string[], project: string, colour: boolean): string[] {
  const named = args.some((arg) => !arg.startsWith('-') && existsSync(resolve(project, pathOf(arg))));
  return [
    ...['python', '-m', 'pytest', '-p', 'no:cacheprovider', '--rootdir=/opt/airflow'],
    `--color=${colour ? 'yes' : 'no'}`,
    ...args,
    ...(named ? [] : folders),
  ];
}

/** `dags/tests/test_a.py` of `dags/tests/test_a.py::test_one`. */
const pathOf = (arg: string) => arg.split('::')[0] ?? arg;

function hasTests(folder: string): boolean {
  return (
    existsSync(folder) &&
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((file) =>
      /(^|\/)(test_[^/]*|[^/]*_test)\.py$/.test(file),
    )
  );
}

/** Undefined for a line that something else in the container has printed before. */
function readCheck(line: string): Checked | undefined {
  try {
    const answer = JSON.parse(line) as Checked | null;
    return answer && Array.isArray(answer.dags) ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** The container has the folders of the project's working tree, wherever the stack has its DAGs from. */
function asBroken({ file, trace }: Checked['errors'][number]): BrokenFile {
  return brokenFile({ file: file.replace('/opt/airflow/', ''), path: file, trace });
}

function tell({ dags, errors, seconds }: Checked, report: Reporter): void {
  for (const { file, line, message, trace } of errors.map(asBroken))
    report.event({
      type: 'dag-file',
      file,
      ...(line === undefined ? {} : { line }),
      problem: message,
      trace,
    });
  const files = new Set(dags.map((dag) => dag.file)).size;
  report.event({
    type: 'note',
    text: `${count(dags.length, 'DAG')} in ${count(files, 'file')} import, in ${seconds.toFixed(1)} s`,
  });
}

const SUMMARY = /^=* ?((?:\d+ [a-z]+|no tests ran)\b.* in \d+\.\d+s.*?) ?=*$/;

/** `12 passed, 1 failed in 3.4s` of pytest's last line, also with -q. */
function summaryIn(line: string): string | undefined {
  return SUMMARY.exec(stripVTControlCharacters(line))?.[1];
}
