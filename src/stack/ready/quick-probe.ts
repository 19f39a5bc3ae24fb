import { connect } from 'node:net';
import type { ProbeSpec, QuickProbe } from '../../catalog/schema.js';
import type { EngineApi } from '../../engine/api.js';
import { interpolate, type Lookup } from '../../project/interpolate.js';
import type { StackContainer } from '../observe/containers.js';
import { runProbe, valueAt } from './probe.js';

/** An engine on this machine answers at once; the addresses of one in a virtual machine lead nowhere. */
const CONNECT_MS = 500;
const ANSWER_MS = 5000;

/**
 * True when what the probe is for answers as it should. Each container of the service is asked over its own address: a millisecond,
 * where a process in it takes fifty of CPU. Where there is no way to it from here, the probe is run as always.
 */
export async function answersQuickly(
  docker: EngineApi,
  probe: ProbeSpec,
  containers: StackContainer[],
  lookup: Lookup,
): Promise<boolean> {
  const { quick } = probe;
  const asked = containers.filter(({ service }) => service === probe.service);
  const addresses = asked.map(({ networks }) => Object.values(networks).find(Boolean) ?? '');
  const asAlways = async () =>
    (await runProbe(docker, probe, containers, lookup, ANSWER_MS)).every(({ passed }) => passed);
  if (!quick || addresses.length === 0 || addresses.includes('')) return asAlways();
  const question = { ...quick, send: interpolate(quick.send, lookup) };
  const answers = await Promise.all(addresses.map((address) => ask(address, question)));
  if (answers.includes(undefined)) return asAlways();
  return answers.every((answer = '') => answer.includes(quick.answer ?? '') && fits(answer, probe.json));
}

/** What comes back until the other side closes, or falls silent for longer than it may; undefined without a connection. */
function ask(host: string, { port, send, answer }: QuickProbe): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said: string | undefined;
    const socket = connect({ host, port });
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(said);
    };
    let timer = setTimeout(end, CONNECT_MS);
    socket
      .on('connect', () => {
        said = '';
        clearTimeout(timer);
        timer = setTimeout(end, ANSWER_MS);
        socket.write(send, 'latin1');
      })
      .on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8');
        // who is not asked for anything in particular need not say more
        if (answer === undefined) end();
      })
      .on('close', end)
      .on('error', end);
  });
}

/** An answer without a word is none; one of which a JSON body is wanted has it behind the headers. */
function fits(answer: string, json: ProbeSpec['json']): boolean {
  if (!json) return answer !== '';
  try {
    const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    return Object.entries(json).every(([path, wanted]) => String(valueAt(body, path)) === wanted);
  } catch {
    return false;
  }
}
