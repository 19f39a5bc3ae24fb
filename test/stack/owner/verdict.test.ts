import { describe, expect, test } from 'vitest';
import {
  type Claimant,
  type Evidence,
  type Holds,
  type Verdict,
  whose,
} from '../../../src/stack/owner/verdict.js';

const HERE = '/work/here';
const THERE = '/work/there';
const MADE = Date.parse('2026-03-01T12:00:00Z');

const claimant = (change: Partial<Claimant> = {}): Claimant => ({
  folder: HERE,
  stack: 'shop',
  id: 'aa',
  madeAt: undefined,
  ...change,
});
const volume = (id?: string, folder?: string, createdAt = MADE) => ({
  name: 'shop_data',
  id,
  folder,
  createdAt,
});
const evidence = (volumes: Evidence['volumes'], containerFolders: string[] = []): Evidence => ({
  volumes,
  containerFolders,
});
const nobody: Holds = () => undefined;
const inThere =
  (held: ReturnType<Holds>): Holds =>
  (folder) =>
    folder === THERE ? held : undefined;

const ours: Verdict = { kind: 'ours', moved: undefined };
const theirs = { kind: 'other', folder: THERE };

describe('ours', () => {
  test('is nothing, what gather marked for this folder, and what an older gather or Compose alone made', () => {
    expect(whose(claimant(), evidence([]), nobody)).toEqual(ours);
    expect(whose(claimant(), evidence([volume('aa', HERE)], [HERE]), nobody)).toEqual(ours);
    expect(whose(claimant(), evidence([volume()]), nobody)).toEqual(ours);
    expect(whose(claimant({ id: undefined }), evidence([volume()], [HERE]), nobody)).toEqual(ours);
  });

  test('is what a folder left that was moved here: nobody is there, or one with another name or id', () => {
    const moved = evidence([volume('aa', THERE)]);
    for (const held of [undefined, { id: 'aa', stack: 'other-name' }, { id: 'bb', stack: 'shop' }])
      expect(whose(claimant(), moved, inThere(held))).toEqual({
        kind: 'ours',
        moved: { from: THERE, volumes: ['shop_data'] },
      });
    expect(whose(claimant({ id: undefined }), evidence([volume()], [THERE]), nobody)).toEqual({
      kind: 'ours',
      moved: { from: THERE, volumes: ['shop_data'] },
    });
  });
});

describe('another’s', () => {
  test('is the original of a copy, down or running', () => {
    const original = inThere({ id: 'aa', stack: 'shop' });
    expect(whose(claimant(), evidence([volume('aa', THERE)]), original)).toMatchObject(theirs);
    expect(whose(claimant(), evidence([volume()], [THERE]), original)).toMatchObject(theirs);
    expect(whose(claimant(), evidence([volume('aa', THERE)]), inThere('unreadable'))).toMatchObject(theirs);
  });

  test('is what has another id in another folder, also where that folder is gone', () => {
    expect(whose(claimant(), evidence([volume('bb', THERE)]), nobody)).toMatchObject({
      ...theirs,
      volumes: ['shop_data'],
    });
    const victim = inThere({ id: 'bb', stack: 'shop' });
    expect(whose(claimant({ id: undefined }), evidence([volume('bb', THERE)]), victim)).toMatchObject(theirs);
  });

  test('is a stack that runs from another folder, though this one was the first of the name', () => {
    const moved = inThere({ id: 'bb', stack: 'shop' });
    expect(whose(claimant(), evidence([volume('bb', HERE)], [THERE]), moved)).toMatchObject(theirs);
  });
});

describe('of an earlier .env', () => {
  test('is what was marked for this folder with another id', () => {
    expect(whose(claimant(), evidence([volume('bb', HERE)], [HERE]), nobody)).toEqual({
      kind: 'earlier',
      volumes: ['shop_data'],
    });
    expect(whose(claimant({ id: undefined }), evidence([volume('bb', HERE)]), nobody)).toEqual(ours);
  });

  test('is what nobody marked and is older than the secrets', () => {
    const hourBefore = evidence([volume(undefined, undefined, MADE - 3_600_000)]);
    expect(whose(claimant({ madeAt: MADE }), hourBefore, nobody).kind).toBe('earlier');
    expect(whose(claimant(), hourBefore, nobody).kind).toBe('ours');
    const after = evidence([volume(undefined, undefined, MADE + 1000)]);
    expect(whose(claimant({ madeAt: MADE }), after, nobody).kind).toBe('ours');
    const clocks = evidence([volume(undefined, undefined, MADE - 5000)]);
    expect(whose(claimant({ madeAt: MADE }), clocks, nobody).kind).toBe('ours');
  });
});
