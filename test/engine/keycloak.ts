import { ask } from './web.js';

/** The admin API of Keycloak as its administrator. */
export class KeycloakAdmin {
  private constructor(
    private readonly realm: string,
    private readonly token: string,
  ) {}

  static async logIn(
    url: string,
    realm: string,
    login: { username: string; password: string },
  ): Promise<KeycloakAdmin> {
    const form = { grant_type: 'password', client_id: 'admin-cli', ...login };
    const { access_token } = await grant(url, 'master', form);
    return new KeycloakAdmin(`${url}/admin/realms/${realm}`, String(access_token));
  }

  async make(username: string, password: string, role: string): Promise<void> {
    const credentials = [{ type: 'password', value: password, temporary: false }];
    const about = { email: `${username}@example.com`, firstName: username, lastName: 'Example' };
    await this.call('POST', '/users', { username, enabled: true, credentials, ...about });
    await this.giveRole(username, role);
  }

  async enable(username: string, enabled: boolean): Promise<void> {
    await this.call('PUT', `/users/${await this.idOf(username)}`, { enabled });
  }

  async giveRole(username: string, role: string): Promise<void> {
    await this.call('POST', await this.mappingsOf(username), [await this.call('GET', `/roles/${role}`)]);
  }

  async takeRole(username: string, role: string): Promise<void> {
    await this.call('DELETE', await this.mappingsOf(username), [await this.call('GET', `/roles/${role}`)]);
  }

  async roles(username: string): Promise<string[]> {
    const found = await this.call<{ name: string }[]>('GET', await this.mappingsOf(username));
    return found.map(({ name }) => name);
  }

  private async mappingsOf(username: string): Promise<string> {
    return `/users/${await this.idOf(username)}/role-mappings/realm`;
  }

  private async idOf(username: string): Promise<string> {
    const [found] = await this.call<{ id: string }[]>('GET', `/users?exact=true&username=${username}`);
    if (!found) throw new Error(`there is nobody called ${username}`);
    return found.id;
  }

  async call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${this.token}`,
      'content-type': 'application/json',
      // Node says it of a DELETE by itself only when it is told; without it Keycloak sees no body, and takes all roles away
      'content-length': String(Buffer.byteLength(text)),
    };
    const answer = await ask(this.realm + path, { method, headers, body: text });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return (answer.body ? JSON.parse(answer.body) : undefined) as T;
  }
}

/** What stands in the token that a program gets for itself. Throws with the status where it gets none. */
export async function tokenOf(
  url: string,
  realm: string,
  client_id: string,
  client_secret: string,
): Promise<Record<string, unknown>> {
  const { access_token } = await grant(url, realm, {
    grant_type: 'client_credentials',
    client_id,
    client_secret,
  });
  return JSON.parse(Buffer.from(String(access_token).split('.')[1] ?? '', 'base64url').toString());
}

/** What the token endpoint of a realm answers. Throws with the status where it refuses. */
export async function grant(
  url: string,
  realm: string,
  form: Record<string, string>,
): Promise<Record<string, unknown>> {
  const { status, body } = await ask(`${url}/realms/${realm}/protocol/openid-connect/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  if (status !== 200) throw new Error(`${status} ${body}`);
  return JSON.parse(body);
}
