import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'minio';
import { NoAnswer } from '../../engine/patience.js';
import { cancellable } from '../../output/cancelled.js';
import { GatherError } from '../../output/errors.js';
import { nearest } from '../../output/nearest.js';
import { askReach } from '../observe/reach.js';
import type { OpenProject } from '../open.js';
import type { Tree } from './diff.js';
import { patient } from './patient.js';
import { placeText, type S3Place } from './place.js';
import { s3ServerOf } from './server.js';

/** What a listing has of an object. */
interface ObjectItem {
  name: string;
  size: number;
  etag: string;
  lastModified: Date;
}

/** An object that was not deleted, as S3's answer has it. */
interface DeleteError {
  Key: string;
  Code?: string;
  Message?: string;
}

/** What `gather s3 ls` shows of an object, or of what looks like a folder: a key that ends with a slash. */
export interface Listed {
  key: string;
  size?: number;
  modified?: string;
}

/**
 * What is on the S3 server of a stack. Every method throws S3_FAILED, STACK_NOT_RUNNING where nobody listens, or CANCELLED after the
 * signal.
 */
export class S3Store {
  private constructor(
    private readonly client: Client,
    private readonly endpoint: string,
    private readonly isOfStack: boolean,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** @param bucket the one that is to be used; for a server of one's own, its name leads to the key. */
  static async open(
    open: OpenProject,
    { bucket, signal }: { bucket?: string | undefined; signal?: AbortSignal } = {},
  ): Promise<S3Store> {
    const reach = await askReach(open, signal);
    const { endpoint, region, accessKey, secretKey, isOfStack } = s3ServerOf(open, reach, bucket);
    const { hostname, port, protocol } = new URL(endpoint);
    const minio = await import('minio');
    const client = new minio.Client({
      endPoint: hostname.replace(/^\[|\]$/g, ''),
      ...(port === '' ? {} : { port: Number(port) }),
      useSSL: protocol === 'https:',
      accessKey,
      secretKey,
      region,
      retryOptions: { disableRetry: true },
      transport: patient(protocol, signal),
    });
    return new S3Store(client, endpoint, isOfStack, signal);
  }

  buckets(): Promise<string[]> {
    return this.ask(async () => (await this.client.listBuckets()).map(({ name }) => name).sort());
  }

  /** One level, as a folder shows it, or all below. Sorted by key. */
  list({ bucket, key }: S3Place, recursive: boolean): Promise<Listed[]> {
    return this.ask(async () => {
      const found: Listed[] = [];
      for await (const item of this.client.listObjectsV2(bucket, key, recursive)) {
        const { name, prefix, size, lastModified } = item as Partial<ObjectItem & { prefix: string }>;
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
      const found = this.client.listObjectsV2(bucket, key, true) as AsyncIterable<ObjectItem>;
      for await (const { name, size, etag, lastModified } of found)
        if (!name.endsWith('/'))
          tree.set(name.slice(key.length), { size, etag, modified: lastModified.getTime() });
      return tree;
    }, bucket);
  }

  upload(file: string, to: S3Place): Promise<void> {
    return this.ask(async () => {
      await this.client.fPutObject(to.bucket, to.key, file);
    }, to.bucket);
  }

  /** Into a file beside it first, then in its place, with the object's own time. */
  download(from: S3Place, file: string): Promise<void> {
    const part = join(dirname(file), `.gather-${randomBytes(6).toString('hex')}.tmp`);
    return this.ask(
      async () => {
        try {
          mkdirSync(dirname(file), { recursive: true });
          const object = (await this.client.getObject(from.bucket, from.key)) as IncomingMessage;
          await pipeline(object, createWriteStream(part), { signal: this.signal });
          const modified = new Date(object.headers['last-modified'] ?? Date.now());
          utimesSync(part, modified, modified);
          renameSync(part, file);
        } finally {
          rmSync(part, { force: true });
        }
      },
      from.bucket,
      from,
    );
  }

  copy(from: S3Place, to: S3Place): Promise<void> {
    return this.ask(
      async () => {
        // a question first: a server may be silent for long while it copies, and one that hangs is to be known before
        await this.client.statObject(from.bucket, from.key);
        await this.client.copyObject(to.bucket, to.key, `/${from.bucket}/${from.key}`);
      },
      from.bucket,
      from,
    );
  }

  /** Removes what it may; throws with each object that the server has refused to remove. */
  remove(bucket: string, keys: string[]): Promise<void> {
    return this.ask(async () => {
      // (the package's types have one more level than its answer)
      const answer = (await this.client.removeObjects(bucket, keys)) as unknown as DeleteError[];
      const refused = answer.map(
        ({ Key, Code, Message }) => `s3://${bucket}/${Key}: ${Message || Code || 'no reason given'}`,
      );
      if (refused.length > 0)
        throw new GatherError('S3_FAILED', `${refused.length} of ${keys.length} objects were not removed`, {
          details: refused,
        });
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

  private ask<T>(work: () => Promise<T>, bucket = '', place?: S3Place): Promise<T> {
    return cancellable('stopped while the S3 server was asked', this.signal, async () => {
      try {
        return await work();
      } catch (error) {
        throw error instanceof GatherError ? error : await this.failure(error, bucket, place);
      }
    });
  }

  private async failure(thrown: unknown, bucket: string, place?: S3Place): Promise<GatherError> {
    const { code = '', message = '' } = thrown as { code?: string; message?: string };
    if (thrown instanceof NoAnswer)
      return new GatherError('S3_FAILED', `the S3 server at ${this.endpoint} does not answer: ${message}`, {
        hints: this.isOfStack ? ['gather status'] : ['S3_ENDPOINT in .env says where it is'],
        cause: thrown,
      });
    if (/^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)/.test(code))
      return new GatherError('STACK_NOT_RUNNING', `no S3 server answers at ${this.endpoint}`, {
        hints: [this.isOfStack ? 'gather up' : 'S3_ENDPOINT in .env says where it is'],
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
      hints: isStranger && this.isOfStack ? ['gather status: another server may have that port'] : [],
      cause: thrown,
    });
  }
}
