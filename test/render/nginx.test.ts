import { expect, test } from 'vitest';
import { nginxDigest, type Route, renderNginx } from '../../src/render/nginx.js';

const AIRFLOW: Route = {
  path: '/',
  target: 'http://airflow-web:8080',
  title: 'The web server',
  profile: undefined,
};
const FLOWER: Route = {
  path: '/flower/',
  target: 'http://flower:5555',
  title: 'Flower, "it\'s" <b>',
  profile: 'flower',
};

test('each route is a location, and the longest path comes first', () => {
  const text = renderNginx([AIRFLOW, FLOWER]);
  for (const either of [text, renderNginx([FLOWER, AIRFLOW])]) {
    const locations = [...either.matchAll(/^ {4}location (= )?(\/\S*) \{/gm)].map(
      (match) => `${match[1] ?? ''}${match[2]}`,
    );
    expect(locations).toEqual(['= /gather/', '= /flower', '/flower/', '/']);
  }
  expect(text).toMatch(
    /location \/flower\/ \{\n\s+set \$target http:\/\/flower:5555;\n\s+proxy_pass \$target;/,
  );
});

test('a part that does not run has a page that says how to start it', () => {
  const text = renderNginx([AIRFLOW, FLOWER]);
  expect(text).toContain('gather up --profile flower');
  expect(text).toContain('error_page 502 504 = @down-0;');
  expect(text.match(/return 503 /g)).toHaveLength(2);
});

test('texts of people cannot break out of a page or a string', () => {
  const text = renderNginx([FLOWER]);
  expect(text).toContain('Flower, &#34;it&#39;s&#34; &#60;b&#62;');
  expect(text).not.toMatch(/<b>|it's/);
  expect(() => renderNginx([{ ...FLOWER, title: 'costs $1' }])).toThrow(/variable/);
});

test('the digest changes with the text', () => {
  expect(nginxDigest('a')).toMatch(/^[0-9a-f]{16}$/);
  expect(nginxDigest('a')).not.toBe(nginxDigest('b'));
});
