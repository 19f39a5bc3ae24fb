import { expect, test } from 'vitest';
import { type Route, renderNginx } from '../../src/render/nginx.js';

const AIRFLOW: Route = {
  path: '/',
  to: 'http://airflow-web:8080',
  title: 'The web server',
};
const FLOWER: Route = {
  path: '/flower/',
  to: 'http://flower:5555',
  title: 'Flower, "it\'s" <b>',
  profile: 'flower',
};

test('each route is a location, and the longest path comes first', () => {
  const text = renderNginx([AIRFLOW, FLOWER]);
  for (const either of [text, renderNginx([FLOWER, AIRFLOW])]) {
    const locations = [...either.matchAll(/^ {4}location (= )?(\/\S*) \{/gm)].map(
      (match) => `${match[1] ?? ''}${match[2]}`,
    );
    expect(locations).toEqual(['= /flower', '/flower/', '/']);
  }
  expect(text).toMatch(
    /location \/flower\/ \{\n\s+set \$target http:\/\/flower:5555;\n\s+proxy_pass \$target;/,
  );
});

test('a part that does not run has a page that says how to start it', () => {
  const text = renderNginx([AIRFLOW, FLOWER]);
  expect(text).toContain('<code><b>gather</b> up --profile flower</code>');
  expect(text).toContain('error_page 502 504 = @down-0;');
  expect(text.match(/return 503 /g)).toHaveLength(2);
});

test('texts of people cannot break out of a page or a string', () => {
  const text = renderNginx([FLOWER]);
  expect(text).toContain('Flower, &#34;it&#39;s&#34; &#60;b&#62;');
  expect(text).not.toMatch(/<b>"|it's/);
});

test('a `$` in a summary is no variable of nginx', () => {
  const text = renderNginx([{ ...FLOWER, title: "costs $1 \\ '$host'" }]);
  expect(text).toContain('costs &#36;1 \\\\ &#39;&#36;host&#39;');
  expect(text.match(/^ +return .*\$/gm)).toBeNull();
});

test('a page that takes no prefix has a host of its own, with its own pages for what does not run', () => {
  const text = renderNginx([
    AIRFLOW,
    { host: 'trino.localhost', to: 'http://trino:8080', title: 'Trino' },
    { host: 'b.localhost', path: '/deep/', to: 'http://b' },
    { host: 'b.localhost', to: 'http://b-root' },
  ]);
  const servers = text.split(/^ {2}server \{$/m).slice(1);
  expect(servers).toHaveLength(3);
  const named = servers.map((server) => /server_name (\S+);/.exec(server)?.[1]);
  expect(named).toEqual([undefined, 'b.localhost', 'trino.localhost']);
  const places = servers.map((server) =>
    [...server.matchAll(/^ {4}location (\/\S*) \{/gm)].map(([, path]) => path),
  );
  expect(places).toEqual([['/'], ['/deep/', '/'], ['/']]);
  expect(servers[2]).toContain('set $target http://trino:8080;');
  // named locations are those of one server, but a person who reads the file looks for them in all of it
  const down = [...text.matchAll(/location (@down\S*) \{/g)].map(([, name]) => name);
  expect(new Set(down).size).toBe(4);
  for (const name of down) expect(text).toContain(`error_page 502 504 = ${name};`);
});

test('a part that does not run is named as people know it, looked at again, and read by a browser', () => {
  const parts = [{ service: 'airflow-webserver', aliases: ['airflow-web'] }, { service: 'flower' }];
  const text = renderNginx([AIRFLOW, FLOWER], parts);
  expect(text).toContain('<h1>airflow-webserver does not run</h1>');
  expect(text).toContain('<h1>flower does not run</h1>');
  expect(text.match(/http-equiv=refresh/g)).toHaveLength(2);
  // a longer text is none to nginx (NGX_CONF_BUFFER)
  for (const [page] of text.matchAll(/^ +return 503 .*$/gm)) expect(page.length).toBeLessThan(4000);
});

test('the start page asks what can be asked, and sends no cookie there', () => {
  const parts = [{ service: 'web', to: 'http://web:8080/health' }, { service: 'queue' }];
  const text = renderNginx([AIRFLOW], parts, '/usr/share/page');
  expect(text).toContain('alias /usr/share/page/;');
  expect([...text.matchAll(/location = (\/gather\/health\/\S+) \{/g)].map(([, path]) => path)).toEqual([
    '/gather/health/web',
  ]);
  const health = text.slice(text.indexOf('/gather/health/'));
  expect(health).toContain('proxy_pass_request_headers off;');
  expect(health).toContain('set $target http://web:8080/health;');
});

test('where nothing else is at /, it leads to the start page', () => {
  expect(renderNginx([FLOWER], [], '/p')).toContain('location = / {\n      return 302 /gather/;');
  expect(renderNginx([AIRFLOW, FLOWER], [], '/p')).not.toContain('302 /gather/');
});
