import { type Called, docker, dockerOk } from './docker.js';

/** One who uses the stack's S3 server: `mc` in its container, with keys that it gets through stdin. */
export class S3Client {
  private constructor(
    private readonly container: string,
    private readonly name: string,
  ) {}

  static async as(
    container: string,
    name: string,
    keys: { accessKey: string; secretKey: string },
  ): Promise<S3Client> {
    const alias = { url: 'http://127.0.0.1:9000', ...keys, api: 'S3v4', path: 'auto' };
    const input = JSON.stringify(alias);
    await dockerOk(['exec', '--interactive', container, 'mc', 'alias', 'import', name], { input });
    return new S3Client(container, name);
  }

  /** `mc COMMAND NAME/PATH`; does not throw. */
  mc(command: string[], path = ''): Promise<Called> {
    return docker(['exec', this.container, 'mc', '--quiet', ...command, `${this.name}/${path}`]);
  }

  put(path: string, input: string): Promise<Called> {
    return docker(['exec', '--interactive', this.container, 'mc', 'pipe', `${this.name}/${path}`], { input });
  }

  /** The text of an object; throws when it cannot be had. */
  async get(path: string): Promise<string> {
    return dockerOk(['exec', this.container, 'mc', 'cat', `${this.name}/${path}`]);
  }

  /** The keys of all objects of a bucket. */
  async keys(bucket: string): Promise<string[]> {
    const { stdout } = await this.mc(['ls', '--recursive', '--json'], bucket);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { key: string }).key);
  }
}
