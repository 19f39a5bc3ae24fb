// Airflow's REST API, as much of it as the bench asks: /api/v1 with a password, /api/v2 with a token.
import { secondsUntil } from './measure.mjs';

export class Airflow {
  /** `base` without a slash at its end, such as http://localhost:18080 */
  constructor({ base, major, user, password }) {
    Object.assign(this, { base, major, user, password });
  }

  async ask(path, { method = 'GET', body } = {}) {
    const answer = await fetch(`${this.base}/api/v${this.major === 2 ? 1 : 2}${path}`, {
      method,
      headers: { authorization: await this.authorization(), 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok)
      throw new Error(`${method} ${path} answered ${answer.status} ${(await answer.text()).slice(0, 300)}`);
    return answer.json();
  }

  async authorization() {
    if (this.major === 2) return `Basic ${Buffer.from(`${this.user}:${this.password}`).toString('base64')}`;
    this.token ??= await this.newToken();
    return `Bearer ${this.token}`;
  }

  async newToken() {
    const answer = await fetch(`${this.base}/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: this.user, password: this.password }),
    });
    if (!answer.ok) throw new Error(`/auth/token answered ${answer.status}`);
    return (await answer.json()).access_token;
  }

  /** True when the scheduler is healthy in the body; false too while nothing answers. */
  async schedulerBeats() {
    const path = this.major === 2 ? '/health' : '/api/v2/monitor/health';
    const body = await fetch(this.base + path).then(
      (answer) => answer.json(),
      () => ({}),
    );
    return body?.scheduler?.status === 'healthy';
  }

  /** Unpauses the DAG, triggers it, and waits until the run succeeded. */
  async runSucceeds(dag) {
    await secondsUntil(() => this.unpause(dag), { what: `DAG ${dag} being listed` });
    const body = this.major === 2 ? {} : { logical_date: null };
    const { dag_run_id: id } = await this.ask(`/dags/${dag}/dagRuns`, { method: 'POST', body });
    const ended = async () => {
      const { state } = await this.ask(`/dags/${dag}/dagRuns/${encodeURIComponent(id)}`);
      if (state === 'failed') throw new Error(`the run of ${dag} failed`);
      return state === 'success';
    };
    await secondsUntil(ended, { what: `the run of ${dag}` });
  }

  unpause(dag) {
    return this.ask(`/dags/${dag}`, { method: 'PATCH', body: { is_paused: false } }).then(
      () => true,
      () => false,
    );
  }
}
