import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PAGES } from './docs.js';

const DOCS = fileURLToPath(new URL('../docs/', import.meta.url));

test.each(Object.entries(PAGES))('docs/%s is what the code says (--update writes it)', async (name, page) => {
  const text = page();
  await expect(text).toMatchFileSnapshot(join(DOCS, name));
  // what a row points to is there
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  expect(new Set(headings).size).toBe(headings.length);
  const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
  expect(links.filter((anchor) => !headings.includes(anchor ?? ''))).toEqual([]);
});
