import { execa } from 'execa';

/** The ids of a service's containers; the first twelve digits are the host name inside. */
export async function containersOf(folder: string, service: string): Promise<string[]> {
  const { stdout } = await execa('docker', ['compose', 'ps', '--quiet', '--no-trunc', service], { cwd: folder });
  return stdout.split('\n').filter(Boolean);
}
