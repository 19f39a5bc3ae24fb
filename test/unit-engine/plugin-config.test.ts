import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepPluginConfig, pluginConfig } from '../../src/engine/plugin-config.js';

let folder = '';
let plugins: { path: string }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-plugins-test-'));
  plugins = [{ path: join(folder, 'docker-compose') }];
  writeFileSync(join(folder, 'docker-compose'), '#!/bin/sh\n');
  chmodSync(join(folder, 'docker-compose'), 0o755);
  mkdirSync(join(folder, 'tmp'));
  vi.stubEnv('TMPDIR', join(folder, 'tmp'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Nothing can be made in a home that is a file, not even by root. */
const unwritable = () => ({ HOME: join(folder, 'docker-compose') });

test('is the same folder in the cache each time', () => {
  const path = pluginConfig(plugins, { HOME: folder });
  expect(pluginConfig(plugins, { HOME: folder })).toBe(path);
  expect(readdirSync(join(folder, '.cache/gather/docker'))).toEqual([basename(path)]);
});

test('leaves nothing half-made behind', () => {
  // two of one name do not go into one folder
  const twins = [...plugins, { path: join(folder, 'twin/docker-compose') }];
  expect(() => pluginConfig(twins, { HOME: folder })).toThrow('EEXIST');
  expect(readdirSync(join(folder, '.cache/gather/docker'))).toEqual([]);
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
});

/** What Node does at the end of a process, as far as it is about folders. */
const endProcess = () => {
  for (const listener of process.listeners('exit')) if (listener.name === 'removeAll') listener(0);
};

test('is one folder a process where HOME cannot be written, and goes with it', () => {
  const path = pluginConfig(plugins, unwritable());
  expect(pluginConfig(plugins, unwritable())).toBe(path);
  expect(existsSync(join(path, 'cli-plugins/docker-compose'))).toBe(true);
  expect(readdirSync(join(folder, 'tmp'))).toEqual([basename(path)]);
  endProcess();
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  // this process goes on
  keepPluginConfig();
});

test('stays for the shell that was told of it', () => {
  const path = pluginConfig(plugins, unwritable());
  keepPluginConfig();
  endProcess();
  expect(existsSync(path)).toBe(true);
});
