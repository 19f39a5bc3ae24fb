import http from 'node:http';
import { until } from './docker.js';

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** One HTTP request with any header, Host included; redirects are not followed. */
export function ask(url: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** A person at the web UI of Airflow 2: keeps the cookies, and logs in by the form. `origin` is what their browser shows. */
export class WebSession {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly base: string,
    private readonly headers: Record<string, string> = {},
    private readonly origin = base,
  ) {}

  async get(path: string): Promise<Answer> {
    return this.keep(await ask(this.base + path, { headers: this.own() }));
  }

  /** The answer to the filled form, CSRF token and all. Airflow takes five a minute or so from one address, then says 429. */
  login(username: string, password: string, form = '/login/'): Promise<Answer> {
    return until(
      () => this.submit(form, form, { username, password }),
      ({ status }) => status !== 429,
      90,
    );
  }

  /** Sends what a page's form or its script would send: with the CSRF token that stands in the page. */
  async submit(page: string, path: string, fields: Record<string, string>): Promise<Answer> {
    const form = await this.get(page);
    const token = /name="csrf_token"[^>]*(?:value|content)="([^"]+)"/.exec(form.body)?.[1];
    if (!token) throw new Error(`${page} has no form, but is ${form.status}`);
    const body = new URLSearchParams({ csrf_token: token, ...fields }).toString();
    const headers = {
      ...this.own(),
      'content-type': 'application/x-www-form-urlencoded',
      referer: this.origin + page,
    };
    return this.keep(await ask(this.base + path, { method: 'POST', headers, body }));
  }

  private own(): Record<string, string> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return { ...this.headers, ...(cookie ? { cookie } : {}) };
  }

  private keep(answer: Answer): Answer {
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
      this.cookies.set(name, value);
    }
    return answer;
  }
}
