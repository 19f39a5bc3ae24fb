import { join } from 'node:path';
import { type Ecosystem, type Host, namesIn, readIf, secretText } from './host.js';

/** `apt-sources`: the machine's own mirror for Debian 12, when it has another one than Debian's. `apt-conf`: its proxies. */
export const apt: Ecosystem = async (host) => {
  const mirror = await hostMirror(host);
  const sources = mirror ? `deb ${mirror} bookworm main\ndeb ${mirror} bookworm-updates main\n` : '';
  return [...secretText('apt-sources', sources), ...secretText('apt-conf', aptSettings(host))];
};

/** The address from which this machine takes Debian's packages, when it is not Debian's own. */
export async function hostMirror({
  env,
  debianMirror,
}: Pick<Host, 'env' | 'debianMirror'>): Promise<string | undefined> {
  const mirror = env.GATHER_APT_MIRROR || (await debianMirror());
  return mirror && !/^https?:\/\/deb\.debian\.org\/debian$/.test(mirror) ? mirror : undefined;
}

function aptSettings({ etc }: Host): string {
  const folder = join(etc, 'apt/apt.conf.d');
  return [join(etc, 'apt/apt.conf'), ...namesIn(folder).map((name) => join(folder, name))]
    .map(readIf)
    .flatMap((text) => [
      ...text.matchAll(
        /^\s*(Acquire::(?:http|https)(?:::[^\s"]*)?::Proxy(?:::\S+)?\s+"[^"]*";|Acquire::Check-(?:Valid-Until|Date)\s+"[^"]*";)/gim,
      ),
    ])
    .map((match) => `${match[1]}\n`)
    .join('');
}
