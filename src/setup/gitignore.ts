/** `.gather-*.tmp` is what a write that was killed in the middle leaves behind; it may hold what .env holds. */
const LINES = ['.env', 'logs/', '.gather/', '__pycache__/', 'node_modules/', '.gather-*.tmp'];
/** The env files of other environments, but not the one without values: the last line that fits counts to git. */
const ENVIRONMENTS = ['/*.env', '.env.*', '!.env.template'];

/**
 * The text of .gitignore with every line that keeps secrets and logs out of git; undefined when it has them all.
 * @param secrets rendered files that hold secrets, relative to the project
 */
export function ignoreSecrets(text: string | undefined, secrets: string[] = []): string | undefined {
  const present = new Set((text ?? '').split(/\r?\n/).map((line) => line.trim().replace(/^\//, '')));
  const isMissing = (line: string) =>
    !present.has(line.replace(/^\//, '')) && !present.has(line.replace(/\/$/, ''));
  const [first = '', ...others] = LINES;
  const missing = [
    ...[first, ...secrets, ...others].filter(isMissing),
    ...(ENVIRONMENTS.some(isMissing) ? ENVIRONMENTS : []),
  ];
  if (missing.length === 0) return undefined;
  const before = text === undefined || text === '' ? '' : `${text.replace(/\n*$/, '\n')}\n`;
  return `${before}# written by gather: secrets and logs stay on this machine\n${missing.join('\n')}\n`;
}
