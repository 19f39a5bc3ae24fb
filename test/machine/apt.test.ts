import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { debianMirror, installPackages } from '../../src/machine/apt.js';
import { RootCommandFailed } from '../../src/machine/sudo.js';
import { playClock } from '../play-clock.js';

/** A machine without package lists: installing wants them, and one reader locks the others out. */
class PlayedApt {
  log: string[] = [];
  hasLists = false;
  isBroken = false;
  /** How often somebody else holds the lock of the lists. */
  lockedFor = 0;
  private isReading = false;

  readonly run = async (command: string[], { signal }: { signal?: AbortSignal | undefined } = {}) => {
    signal?.throwIfAborted();
    const words = command.filter((word) => !word.startsWith('-') && !word.includes('='));
    const line = words.slice(1).join(' ');
    this.log.push(line);
    await sleep(5);
    if (line === 'update') return this.update(command);
    if (!this.hasLists || this.isBroken) throw failure(command, 'E: Unable to locate package runc');
    return '';
  };

  private async update(command: string[]): Promise<string> {
    if (this.isReading || this.lockedFor-- > 0)
      throw failure(
        command,
        'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)',
      );
    this.isReading = true;
    await sleep(20);
    this.isReading = false;
    this.hasLists = true;
    return '';
  }
}

let machine = new PlayedApt();

const install = (names: string[], signal?: AbortSignal) => installPackages(names, signal, machine.run);
const failure = (command: string[], output: string) => new RootCommandFailed(command, output);

beforeEach(() => {
  machine = new PlayedApt();
});

describe('installing packages', () => {
  test('two at once read the lists one after the other, and only once', async () => {
    await Promise.all([install(['mmdebstrap']), install(['runc', 'iptables'])]);
    expect(machine.log).toEqual([
      'install mmdebstrap',
      'update',
      'install mmdebstrap',
      'install runc iptables',
    ]);
  });

  test('waits for the lists that another process reads', async () => {
    const clock = playClock();
    machine.lockedFor = 3;
    let isDone = false;
    const work = install(['runc']).then(() => {
      isDone = true;
    });
    expect(await clock.until(() => expect(isDone).toBe(true))).toBeGreaterThan(3000);
    await work;
    expect(machine.log).toEqual(['install runc', 'update', 'update', 'update', 'update', 'install runc']);
  });

  test('one that fails does not spoil the next', async () => {
    machine.isBroken = true;
    await expect(install(['none'])).rejects.toThrow(RootCommandFailed);
    machine.isBroken = false;
    await install(['runc']);
  });

  test('ends with its signal', async () => {
    const stop = new AbortController();
    const work = install(['runc'], stop.signal);
    stop.abort();
    await expect(work).rejects.toThrow();
    expect(machine.log).not.toContain('update');
  });
});

describe("the machine's Debian mirror", () => {
  const BOOKWORM = { id: 'debian', codename: 'bookworm' };
  /** Plays `apt-get indextargets`: what it knows from the lists, and what the sources say. */
  const targets = (known: string[], sources: string[]) => async (command: string[]) =>
    (command.includes('--no-release-info') ? sources : known).join('\n');

  test('is what the lists say is Debian, wherever it lies', async () => {
    const known = [
      'https://packages.example.com/debian/ bookworm main Example',
      'http://nexus.corp/repository/debian-12/ bookworm-updates main Debian',
      'http://nexus.corp/repository/debian-12/ bookworm main Debian',
    ];
    expect(await debianMirror(targets(known, []), BOOKWORM)).toBe('http://nexus.corp/repository/debian-12');
  });

  test('is found in the sources while there are no lists', async () => {
    const sources = [
      'https://apt.example.com bookworm main',
      'http://mirror.corp/debian-security bookworm-security main',
      'http://mirror.corp/debian bookworm main',
    ];
    expect(await debianMirror(targets([], sources), BOOKWORM)).toBe('http://mirror.corp/debian');
  });

  test('is nothing that is not on the network, and nothing without apt or on another system', async () => {
    const local = targets(['mirror+file:/etc/apt/x bookworm main Debian'], []);
    expect(await debianMirror(local, BOOKWORM)).toBeUndefined();
    expect(await debianMirror(() => Promise.reject(new Error('ENOENT')), BOOKWORM)).toBeUndefined();
    const network = targets(['http://mirror.corp/ubuntu noble main Ubuntu'], []);
    expect(await debianMirror(network, { id: 'ubuntu', codename: 'noble' })).toBeUndefined();
  });
});
