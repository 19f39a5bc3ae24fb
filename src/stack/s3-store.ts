import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Client } from 'minio';
import { GatherError } from '../output/errors.js';
import { interpolate } from '../project/interpolate.js';
import { nearest } from '../project/nearest.js';
import { address, lookupOf } from './dags.js';
import type { OpenProject } from './open.js';
import type { Tree } from './s3-diff.js';
import { placeText, type S3Place } from './s3-place.js';

/** How many files are on their way at the same time. */
const AT_ONCE = 8;

/** What `gather s3 ls` shows of an object, or of what looks like a folder: a key that ends with a slash. */
export interface Listed {
  key: string;
  size?: number;
  modified?: string;
}

/**
 * The S3 server of a stack: the bundled MinIO with its administrator's key, or the one at S3_ENDPOINT with the key of the component
 * that has this bucket, else with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the shell. Every method throws S3_FAILED, or
 * STACK_NOT_RUNNING where nobody listens.
 */
export class S3Store {
  private constructor(
    private readonly client: Client,
    private readonly endpoint: string,
    private readonly isBundled: boolean,
  ) {}

  /** @param bucket the one that is to be used; for a server of one's own, its name leads to the key. */
  static async open(open: OpenProject, bucket?: string): Promise<S3Store> {
    const lookup = lookupOf(open);
    const known = new Set(open.blueprint.variables.map(({ name }) => name));
    if (!known.has('S3_ENDPOINT'))
      throw new GatherError('USAGE', 'this stack has no S3 server', {
        hints: ['add minio or external-s3 to components in gather.yaml, then gather init'],
      });
    const isBundled = known.has('MINIO_ROOT_USER');
    const endpoint = isBundled
      ? address(interpolate('${GATHER_BIND:-127.0.0.1}:${S3_PORT}:9000', lookup))
      : // a name that only containers know
        (lookup('S3_ENDPOINT') ?? '').replace('//host.docker.internal', '//127.0.0.1');
    const owner = [...known].find((name) => /^S3_.*_BUCKET$/.test(name) && lookup(name) === bucket);
    const keyOf = (kind: 'ACCESS' | 'SECRET') =>
      owner ? lookup(owner.replace(/BUCKET$/, `${kind}_KEY`)) : undefined;
    const accessKey = isBundled
      ? lookup('MINIO_ROOT_USER')
      : (keyOf('ACCESS') ?? process.env.AWS_ACCESS_KEY_ID);
    const secretKey = isBundled
      ? lookup('MINIO_ROOT_PASSWORD')
      : (keyOf('SECRET') ?? process.env.AWS_SECRET_ACCESS_KEY);
    if (!accessKey || !secretKey)
      throw new GatherError('ENV_INVALID', `there is no key for ${endpoint || 'the S3 server'}`, {
        hints: isBundled
          ? ['gather init writes it to .env']
          : ['export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
      });
    if (!URL.canParse(endpoint))
      throw new GatherError('ENV_INVALID', `S3_ENDPOINT is no URL: ${endpoint}`, {
        hints: ['gather env set S3_ENDPOINT https://s3.example.com'],
      });
    const { hostname, port, protocol } = new URL(endpoint);
    const minio = await import('minio');
    const client = new minio.Client({
      endPoint: hostname.replace(/^\[|\]$/g, ''),
      ...(port === '' ? {} : { port: Number(port) }),
      useSSL: protocol === 'https:',
      accessKey,
      secretKey,
      region: lookup('S3_REGION') ?? 'us-east-1',
      retryOptions: { disableRetry: true },
    });
    return new S3Store(client, endpoint, isBundled);
  }

  buckets(): Promise<string[]> {
    return this.ask(async () => (await this.client.listBuckets()).map(({ name }) => name).sort());
  }

  /** One level, as a folder shows it, or all below. Sorted by key. */
  list({ bucket, key }: S3Place, recursive: boolean): Promise<Listed[]> {
    return this.ask(async () => {
      const found: Listed[] = [];
      for await (const item of this.client.listObjectsV2(bucket, key, recursive)) {
        const { name, prefix, size, lastModified } = item as Partial<{
          name: string;
          prefix: string;
          size: number;
          lastModified: Date;
        }>;
        if (name === undefined) found.push({ key: prefix ?? '' });
        else found.push({ key: name, size: size ?? 0, modified: lastModified?.toISOString() ?? '' });
      }
      return found.sort((a, b) => (a.key < b.key ? -1 : 1));
    }, bucket);
  }

  /** The objects below a folder; what only draws a folder in a console is none. */
  tree({ bucket, key }: S3Place): Promise<Tree> {
    return this.ask(async () => {
      const tree: Tree = new Map();
      for await (const { name, size, etag } of this.client.listObjectsV2(bucket, key, true) as AsyncIterable<{
        name: string;
        size: number;
        etag: string;
      }>)
        if (!name.endsWith('/')) tree.set(name.slice(key.length), { size, etag });
      return tree;
    }, bucket);
  }

  upload(file: string, to: S3Place): Promise<void> {
    return this.ask(async () => {
      await this.client.fPutObject(to.bucket, to.key, file);
    }, to.bucket);
  }

  /** Into a file beside it first, then in its place. */
  download(from: S3Place, file: string): Promise<void> {
    return this.ask(
      async () => {
        mkdirSync(dirname(file), { recursive: true });
        await this.client.fGetObject(from.bucket, from.key, file);
      },
      from.bucket,
      from,
    );
  }

  copy(from: S3Place, to: S3Place): Promise<void> {
    return this.ask(
      async () => {
        await this.client.copyObject(to.bucket, to.key, `/${from.bucket}/${from.key}`);
      },
      from.bucket,
      from,
    );
  }

  remove(bucket: string, keys: string[]): Promise<void> {
    return this.ask(async () => {
      const [problem] = await this.client.removeObjects(bucket, keys);
      if (problem?.Error) throw Object.assign(new Error(problem.Error.Message), { code: problem.Error.Code });
    }, bucket);
  }

  exists(place: S3Place): Promise<boolean> {
    return this.ask(
      () =>
        this.client.statObject(place.bucket, place.key).then(
          () => true,
          (error: { code?: string }) => {
            if (error.code === 'NotFound' || error.code === 'NoSuchKey') return false;
            throw error;
          },
        ),
      place.bucket,
    );
  }

  private async ask<T>(work: () => Promise<T>, bucket = '', place?: S3Place): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof GatherError ? error : await this.failure(error, bucket, place);
    }
  }

  private async failure(thrown: unknown, bucket: string, place?: S3Place): Promise<GatherError> {
    const { code = '', message = '' } = thrown as { code?: string; message?: string };
    if (/^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)/.test(code))
      return new GatherError('STACK_NOT_RUNNING', `no S3 server answers at ${this.endpoint}`, {
        hints: [this.isBundled ? 'gather up' : 'S3_ENDPOINT in .env says where it is'],
      });
    if (code === 'NoSuchBucket') {
      const names = await this.client.listBuckets().then(
        (all) => all.map(({ name }) => name),
        () => [],
      );
      const near = nearest(bucket, names);
      return new GatherError(
        'S3_FAILED',
        `there is no bucket "${bucket}"${near ? `; did you mean "${near}"?` : ''}`,
        {
          hints: ['gather s3 ls'],
        },
      );
    }
    if ((code === 'NoSuchKey' || code === 'NotFound') && place)
      return new GatherError('S3_FAILED', `there is no ${placeText(place)}`, {
        hints: [`gather s3 ls s3://${bucket}/`],
      });
    const isStranger = /^(SignatureDoesNotMatch|InvalidAccessKeyId|AuthorizationHeaderMalformed)$/.test(code);
    return new GatherError('S3_FAILED', `${this.endpoint}: ${message || code || String(thrown)}`, {
      hints: isStranger && this.isBundled ? ['gather status: another server may have that port'] : [],
      cause: thrown,
    });
  }
}

/** Does some work on each, eight at a time, in their order. Ends at the first error, or when `signal` says so. */
export async function eachOf<T>(
  items: T[],
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined && !signal.aborted; item = left.shift())
      await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}
