import { expect, test } from 'vitest';
import { shownValue } from '../../src/catalog/is-secret.js';
import { ownBlueprint } from './play-catalog.js';

const { variables } = ownBlueprint([], 'git-sync');

test.each([
  ['GITSYNC_REPO', 'https://me:s3cret@git.corp/dags.git', 'https://***@git.corp/dags.git'],
  // git-sync's name before version 4, which no component declares
  ['GIT_SYNC_REPO', 'https://token@git.corp/dags.git', 'https://***@git.corp/dags.git'],
  ['GITSYNC_REPO', 'git@git.corp:dags.git', 'git@git.corp:dags.git'],
  ['GITSYNC_PASSWORD', 'hunter2', '***'],
  ['MY_TOKEN', 'hunter2', '***'],
  ['MY_COLOR', 'red', 'red'],
])('%s=%s is shown as %s', (name, value, shown) => {
  expect(shownValue(name, value, variables)).toBe(shown);
});
