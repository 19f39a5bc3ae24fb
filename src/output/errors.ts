/** Every way gather can fail, as a stable name that `--output json` shows. */
export type ErrorCode =
  | 'USAGE'
  | 'PROJECT_NOT_FOUND'
  | 'PROJECT_INVALID'
  | 'COMPONENT_INVALID'
  | 'TOPOLOGY_INVALID'
  | 'ENV_INVALID'
  | 'VARIABLE_INVALID'
  | 'OUT_OF_DATE'
  | 'FILE_FAILED'
  | 'CANCELLED'
  | 'NEEDS_YES'
  | 'ENGINE_NOT_FOUND'
  | 'ENGINE_TOO_OLD'
  | 'ENGINE_UNSUPPORTED'
  | 'ENGINE_FAILED'
  | 'IMAGE_FAILED'
  | 'PREFLIGHT_FAILED'
  | 'STACK_UNHEALTHY'
  | 'STACK_NOT_RUNNING'
  /** What the engine has under this name is another project's, or locked with secrets that are gone. */
  | 'STACK_FOREIGN'
  | 'COMMAND_FAILED'
  | 'DATABASE_FAILED'
  | 'S3_FAILED'
  /** What the SQL server has against a statement. */
  | 'QUERY_FAILED'
  | 'AIRFLOW_FAILED'
  | 'DAG_NOT_FOUND'
  | 'DAG_PAUSED'
  | 'INTERNAL';

/** What the process ends with: 0 done, 1 failed, 2 wrong usage, 3 needs a yes, 4 stack unhealthy. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

const EXIT_CODES: Partial<Record<ErrorCode, ExitCode>> = { USAGE: 2, NEEDS_YES: 3, STACK_UNHEALTHY: 4 };

/** A place in a file the user can open: `line` counts from 1. */
export interface Location {
  file: string;
  line?: number;
}

export interface GatherErrorOptions {
  /** Where the fault is, when it is in a file. */
  where?: Location | undefined;
  /** What led to it, a line each: log lines, other problems found at the same time. Never a secret. */
  details?: string[] | undefined;
  /** What to do: one to three commands or short sentences. */
  hints?: string[] | undefined;
  /** The exit code when the wrapped program's own has to be passed on. */
  exitCode?: number | undefined;
  cause?: unknown;
}

/** The only error that gather throws on purpose: code, what happened, where, what to do. */
export class GatherError extends Error {
  readonly code: ErrorCode;
  readonly where: Location | undefined;
  readonly details: string[];
  readonly hints: string[];
  readonly exitCode: number;

  constructor(code: ErrorCode, message: string, options: GatherErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatherError';
    this.code = code;
    this.where = options.where;
    this.details = options.details ?? [];
    this.hints = options.hints ?? [];
    this.exitCode = options.exitCode ?? EXIT_CODES[code] ?? 1;
  }
}
