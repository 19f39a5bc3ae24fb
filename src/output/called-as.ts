/** The words with which this process was called, for a command that its person can repeat: what npm tells those that it starts. */
export function calledAs(env: NodeJS.ProcessEnv = process.env): string {
  if (env.npm_command === 'exec') return 'npx gather';
  if (env.npm_command === 'run-script')
    return env.npm_package_name === 'gather-airflow' ? 'npm run gather --' : 'npx gather';
  return 'gather';
}
