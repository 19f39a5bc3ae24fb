import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { html } from '../../src/output/html.js';
import { backslashQuoted, shellQuoted } from '../../src/output/quoting.js';

const ODD = [`it's`, `''`, `a\\`, `\\'`, `$HOME \`id\` $(id) "x"`, '', ' \n\t*', `ü€ !#;&|<>`];

describe('shellQuoted', () => {
  test('a shell reads back what was quoted', () => {
    const words = ODD.map(shellQuoted).join(' ');
    const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${words}`], { encoding: 'utf8' });
    expect(stdout.split('\0').slice(0, -1)).toEqual(ODD);
  });
});

describe('backslashQuoted', () => {
  test('quotes and backslashes have a backslash before them, and nothing else', () => {
    expect(backslashQuoted(`it's a \\ $x "y"`)).toBe(`'it\\'s a \\\\ $x "y"'`);
    fc.assert(
      fc.property(fc.string(), (text) => {
        const inner = backslashQuoted(text).slice(1, -1);
        expect(inner.replace(/\\(.)/gs, '$1')).toBe(text);
        expect(inner.replace(/\\./gs, '')).not.toMatch(/['\\]/);
      }),
    );
  });
});

test('html leaves nothing that a page reads as its own', () => {
  expect(html(`<a href="x" title='y'>&amp;`)).toBe('&#60;a href=&#34;x&#34; title=&#39;y&#39;&#62;&#38;amp;');
  expect(html('ü plain')).toBe('ü plain');
});
