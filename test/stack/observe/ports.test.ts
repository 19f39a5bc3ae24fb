import { describe, expect, test } from 'vitest';
import { overlap, portsOf } from '../../../src/stack/observe/ports.js';

const ENV: Record<string, string> = { BIND: '[::1]', PORT: '8080', RANGE: '9000-9001', UDP: 'udp' };
/** `address|port` of each, as `docker ps` would show it. */
const read = (
  ...ports: (string | number | { target: number; published?: string; host_ip?: string; protocol?: string })[]
) => portsOf('web', ports, (name) => ENV[name]).map(({ address, port }) => `${address}|${port}`);

describe('the ports of a service', () => {
  test('are read from the short form', () => {
    expect(read('80:80')).toEqual(['|80']);
    expect(read('127.0.0.1:8080:80/tcp')).toEqual(['127.0.0.1|8080']);
    expect(read('[::1]:8080:80')).toEqual(['::1|8080']);
    expect(read('[::]:8080:80')).toEqual(['::|8080']);
    expect(read('::1:8080:80')).toEqual(['::1|8080']);
    expect(read('${BIND}:${PORT}:80')).toEqual(['::1|8080']);
    expect(read('${BIND:-127.0.0.1}:${OTHER:-81}:80')).toEqual(['::1|81']);
  });

  test('are read from the long form', () => {
    expect(read({ target: 80, published: '8080', host_ip: '::1' })).toEqual(['::1|8080']);
    expect(read({ target: 80, published: '${PORT}' })).toEqual(['|8080']);
  });

  test('are each of a range', () => {
    expect(read('127.0.0.1:9000-9002:80-82')).toEqual(['127.0.0.1|9000', '127.0.0.1|9001', '127.0.0.1|9002']);
    expect(read('${RANGE}:80-81')).toEqual(['|9000', '|9001']);
  });

  test('are none where the engine may choose, or that are not TCP', () => {
    expect(read('80', 80, '0:80', '127.0.0.1::80', '9000-9010:80', { target: 80 })).toEqual([]);
    expect(read('53:53/udp', '53:53/${UDP}', { target: 53, published: '53', protocol: 'udp' })).toEqual([]);
    expect(read('nonsense:80', '${NONE}:80')).toEqual([]);
  });

  test('know the variable that each comes from', () => {
    const variables = (text: string) =>
      portsOf('web', [text], (name) => ENV[name]).map((one) => one.variable);
    expect(variables('${BIND}:${PORT:-80}:80')).toEqual(['PORT']);
    expect(variables('8080:80')).toEqual([undefined]);
    expect(variables('${RANGE}:80-81')).toEqual([undefined, undefined]);
  });
});

test.each([
  ['', '127.0.0.1', true],
  ['', '::1', true],
  ['0.0.0.0', '127.0.0.1', true],
  ['0.0.0.0', '::1', false],
  ['::', '::1', true],
  ['::', '127.0.0.1', false],
  ['127.0.0.1', '127.0.0.2', false],
  ['127.0.0.1', '127.0.0.1', true],
])('a port on "%s" and on "%s" is the same one: %s', (one, other, same) => {
  expect(overlap(one, other)).toBe(same);
  expect(overlap(other, one)).toBe(same);
});
