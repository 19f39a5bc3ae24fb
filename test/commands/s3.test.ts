import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CommandModule, Context } from '../../src/commands/command.js';
import { commands } from '../../src/commands/s3.js';
import { Output } from '../../src/output/output.js';
import { emptyFolder, external, HOME, server } from '../stack/objects/play-s3.js';

const LISTING = `<ListBucketResult><Contents><Key>a</Key><Size>5</Size><ETag>"0"</ETag>
  <LastModified>2025-01-01T12:00:00.000Z</LastModified></Contents></ListBucketResult>`;

test('sync --delete removes from a folder only after a yes, and never through a link', async () => {
  const { port } = await server((request, response) =>
    response.end(request.url?.includes('list-type=2') ? LISTING : 'hello'),
  );
  const [folder, elsewhere] = [emptyFolder(), emptyFolder()];
  mkdirSync(join(folder, 'deep'));
  for (const file of [join(folder, 'deep/b'), join(folder, 'c'), join(elsewhere, 'd')])
    writeFileSync(file, 'x');
  symlinkSync(elsewhere, join(folder, 'link'));
  symlinkSync(join(elsewhere, 'd'), join(folder, 'a'));
  const context = (yes: boolean): Context => ({
    folder: external(`http://127.0.0.1:${port}`).project.folder,
    home: HOME,
    output: Object.assign(new Output('text'), { event: () => {} }),
    yes,
    interactive: false,
    signal: new AbortController().signal,
    commands: {},
  });
  const command = (await commands.sync?.load()) as CommandModule;
  const sync = (yes: boolean) => command.run(context(yes), ['s3://airflow-logs', folder], { delete: true });

  await expect(sync(false)).rejects.toMatchObject({
    code: 'NEEDS_YES',
    exitCode: 3,
    details: ['- c', '- deep/b'],
    hints: [`gather s3 sync --delete --yes s3://airflow-logs ${folder}`],
  });
  expect(readdirSync(folder).sort()).toEqual(['a', 'c', 'deep', 'link']);

  expect((await sync(true)).data).toEqual({ added: ['a'], changed: [], deleted: ['c', 'deep/b'] });
  expect(readdirSync(folder).sort()).toEqual(['a', 'deep', 'link']);
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('hello');
  expect(readFileSync(join(elsewhere, 'd'), 'utf8')).toBe('x');
});
