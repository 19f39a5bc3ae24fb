import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';

/** A machine without package lists: installing wants them, and one reader locks the others out. */
class PlayedApt {
  log: string[] = [];
  hasLists = false;
  isBroken = false;
  /** How often somebody else holds the lock of the lists. */
  lockedFor = 0;
  private isReading = false;

  async run(command: string[]): Promise<string> {
    const words = command.filter((word) => !word.startsWith('-') && !word.includes('='));
    const line = words.slice(1).join(' ');
    this.log.push(line);
    await sleep(5);
    if (line === 'update') return this.update(command);
    if (!this.hasLists || this.isBroken) throw failure(command, 'E: Unable to locate package runc');
    return '';
  }

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

vi.mock('../../src/machine/sudo.js', async (original) => ({
  ...(await original<typeof import('../../src/machine/sudo.js')>()),
  asRoot: (command: string[], { signal }: { signal?: AbortSignal } = {}) => {
    signal?.throwIfAborted();
    return machine.run(command);
  },
}));

const { RootCommandFailed } = await import('../../src/machine/sudo.js');
const { debianMirror, installPackages } = await import('../../src/machine/apt.js');
const failure = (command: string[], output: string) => new RootCommandFailed(command, output);

beforeEach(() => {
  machine = new PlayedApt();
});

describe('installing packages', () => {
  test('two at once read the lists one after the other, and only once', async () => {
    await Promise.all([installPackages(['mmdebstrap']), installPackages(['runc', 'iptables'])]);
    expect(machine.log).toEqual([
      'install mmdebstrap',
      'update',
      'install mmdebstrap',
      'install runc iptables',
    ]);
  });

  test('waits for the lists that another process reads', async () => {
    machine.lockedFor = 1;
    await installPackages(['runc']);
    expect(machine.log).toEqual(['install runc', 'update', 'update', 'install runc']);
  });

  test('one that fails does not spoil the next', async () => {
    machine.isBroken = true;
    await expect(installPackages(['none'])).rejects.toThrow(RootCommandFailed);
    machine.isBroken = false;
    await installPackages(['runc']);
  });

  test('ends with its signal', async () => {
    const stop = new AbortController();
    const work = installPackages(['runc'], stop.signal);
    stop.abort();
    await expect(work).rejects.toThrow();
    expect(machine.log).not.toContain('update');
  });
});

vi.mock('../../src/machine/os.js', () => ({
  distribution: () => ({ id: 'debian', codename: 'bookworm' }),
}));

describe("the machine's Debian mirror", () => {
  /** Plays `apt-get indextargets`: what it knows from the lists, and what the sources say. */
  const targets = (known: string[], sources: string[]) => async (command: string[]) =>
    (command.includes('--no-release-info') ? sources : known).join('\n');

  test('is what the lists say is Debian, wherever it lies', async () => {
    const known = [
      'https://packages.example.com/debian/ bookworm main Example',
      'http://nexus.corp/repository/debian-12/ bookworm-updates main Debian',
      'http://nexus.corp/repository/debian-12/ bookworm main Debian',
    ];
    expect(await debianMirror(targets(known, []))).toBe('http://nexus.corp/repository/debian-12');
  });

  test('is found in the sources while there are no lists', async () => {
    const sources = [
      'https://apt.example.com bookworm main',
      'http://mirror.corp/debian-security bookworm-security main',
      'http://mirror.corp/debian bookworm main',
    ];
    expect(await debianMirror(targets([], sources))).toBe('http://mirror.corp/debian');
  });

  test('is nothing that is not on the network, and nothing without apt', async () => {
    expect(await debianMirror(targets(['mirror+file:/etc/apt/x bookworm main Debian'], []))).toBeUndefined();
    expect(await debianMirror(() => Promise.reject(new Error('ENOENT')))).toBeUndefined();
  });
});
