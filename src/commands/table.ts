import type { CommandTable } from './command.js';

/** What other tools call it → what it is here. */
export const ELSEWHERE: Record<string, string> = {
  bash: 'gather exec SERVICE bash',
  shell: 'gather exec SERVICE bash',
  run: 'gather exec SERVICE COMMAND, or gather airflow COMMAND',
  build: 'gather images build',
  pull: 'gather images build',
  kill: 'gather down',
  destroy: 'gather down --volumes',
  config: 'gather env, or gather render',
  psql: 'gather exec SERVICE psql',
  pytest: 'gather test',
  parse: 'gather test',
};

export const COMMANDS: CommandTable = {
  init: {
    summary: 'ask what the stack needs and write .env, init.sql and compose.yaml',
    load: () => import('./init.js'),
  },
  render: {
    summary: 'write compose.yaml and what belongs to it from gather.yaml',
    load: () => import('./render.js'),
  },
  up: {
    summary: 'start the stack and wait until it is usable',
    aliases: ['start'],
    load: () => import('./up.js'),
  },
  down: {
    summary: 'stop the stack and remove its containers; data stays',
    aliases: ['stop'],
    load: () => import('./down.js'),
  },
  restart: { summary: 'restart services', load: () => import('./restart.js') },
  status: {
    summary: 'what runs, and whether it is usable',
    aliases: ['ps'],
    load: () => import('./status.js'),
  },
  logs: { summary: 'what the services say', load: () => import('./logs.js') },
  exec: { summary: 'run a command in a service', load: () => import('./exec.js') },
  airflow: { summary: 'run an Airflow command in the stack', load: () => import('./airflow.js') },
  dags: { summary: 'the DAGs: what Airflow knows of them, runs, new ones', load: () => import('./dags.js') },
  s3: { summary: 'objects in the S3 server', load: () => import('./s3.js') },
  trino: {
    summary: 'SQL on the lake: its command line, or the rows of a query',
    load: () => import('./trino.js'),
  },
  trust: { summary: "the certificate of the stack's own authority", load: () => import('./trust.js') },
  test: { summary: 'DAG imports and pytest in the Airflow image', load: () => import('./test.js') },
  watch: { summary: 'import errors as files are saved; runs a DAG again', load: () => import('./watch.js') },
  env: { summary: 'the variables of .env', load: () => import('./env.js') },
  db: { summary: "Airflow's role and database", load: () => import('./db.js') },
  engine: { summary: 'the Docker Engine: yours, or a private one', load: () => import('./engine.js') },
  images: { summary: 'the images of the stack', load: () => import('./images.js') },
  components: { summary: 'the parts a stack can be made of', load: () => import('./components.js') },
  topologies: { summary: 'the set-ups a stack can mirror', load: () => import('./topologies.js') },
  completion: { summary: 'completion for bash, zsh or fish', load: () => import('./completion.js') },
};
