import { existsSync, readFileSync } from 'node:fs';

/** A Linux distribution as /etc/os-release tells it. */
export interface Distribution {
  id: string;
  /** `ID_LIKE`: the families that it belongs to. */
  like: string[];
  /** Such as `12` or `24.04`; empty where there is none. */
  version: string;
  codename: string;
  name: string;
}

/** Reads /etc/os-release; nothing on other systems than Linux. */
export function distribution(file = '/etc/os-release'): Distribution | undefined {
  if (!existsSync(file)) return undefined;
  const entries = readFileSync(file, 'utf8').matchAll(/^([A-Z_]+)=["']?(.*?)["']?$/gm);
  const value = Object.fromEntries([...entries].map((match) => [match[1], match[2] ?? '']));
  return {
    id: value.ID ?? '',
    like: (value.ID_LIKE ?? '').split(' ').filter(Boolean),
    version: value.VERSION_ID ?? '',
    codename: value.VERSION_CODENAME ?? '',
    name: value.PRETTY_NAME ?? value.ID ?? 'this Linux',
  };
}

const GUIDE = 'https://docs.docker.com/engine/install/';

/** How to get a Docker Engine, Compose and buildx that are new enough on this machine: one to three lines. */
export function installHints(platform = process.platform, system = distribution()): string[] {
  if (platform === 'darwin') return ['brew install --cask docker-desktop', 'open -a Docker'];
  if (platform === 'win32')
    return ['winget install Docker.DockerDesktop', 'Start Docker Desktop, with Linux containers.'];
  const families = [system?.id ?? '', ...(system?.like ?? [])];
  if (families.includes('debian') || families.includes('ubuntu')) {
    return ['gather engine start', `Or install Docker's own packages: ${GUIDE}`];
  }
  if (families.includes('fedora') || families.includes('rhel')) {
    return [
      'sudo dnf install moby-engine docker-compose docker-buildx',
      'sudo systemctl enable --now docker',
      `Or see ${GUIDE}`,
    ];
  }
  if (families.includes('arch')) {
    return ['sudo pacman -S docker docker-compose docker-buildx', 'sudo systemctl enable --now docker'];
  }
  if (families.includes('alpine')) {
    return [
      'apk add docker docker-cli-compose docker-cli-buildx',
      'rc-update add docker && service docker start',
    ];
  }
  return [`Install Docker Engine 25 or newer with Compose and buildx: ${GUIDE}`];
}
