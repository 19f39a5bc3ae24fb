import { callable } from '../../catalog/bind.js';
import { isHttpUrl } from '../../catalog/check-value.js';
import { lookupOf } from '../../catalog/lookup.js';
import { textOf } from '../../catalog/offers.js';
import type { Offer } from '../../catalog/schema.js';
import { GatherError } from '../../output/errors.js';
import { interpolate, variablesIn } from '../../project/interpolate.js';
import type { Reach } from '../observe/reach.js';
import type { OpenProject } from '../open.js';

/** Where this machine reaches the S3 server of a stack, and as whom. */
export interface S3Server {
  endpoint: string;
  region: string;
  accessKey: string;
  secretKey: string;
  /** False for a server of one's own. */
  isOfStack: boolean;
}

/**
 * The server that a component declares under `s3:`: with the administrator's key, or without one with the key that goes with the
 * bucket, else with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the shell. Throws USAGE for a stack without one, ENV_INVALID
 * without a host or a key.
 */
export function s3ServerOf(open: OpenProject, reach: Reach, bucket?: string): S3Server {
  const lookup = lookupOf(open.blueprint, open.project.env);
  const { s3 } = open.blueprint;
  if (!s3)
    throw new GatherError('USAGE', 'this stack has no S3 server', {
      hints: ['add minio or external-s3 to components in gather.yaml, then gather init'],
    });
  const written = fromHere(interpolate(s3.address, lookup));
  const names = variablesIn(s3.address);
  if (!isHttpUrl(written))
    throw new GatherError(
      'ENV_INVALID',
      `${names.join(', ') || 'x-gather.s3.address'} gives no http or https URL with a host`,
      { hints: names.map((name) => `gather env set ${name} …`) },
    );
  const endpoint = reach.to(written) ?? written;
  const isOfStack = s3.access_key !== undefined;
  const declared = isOfStack
    ? {
        accessKey: interpolate(s3.access_key ?? '', lookup),
        secretKey: interpolate(s3.secret_key ?? '', lookup),
      }
    : bucket && keysOf(open, bucket);
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  const { accessKey, secretKey } = declared || {
    accessKey: AWS_ACCESS_KEY_ID,
    secretKey: AWS_SECRET_ACCESS_KEY,
  };
  if (!accessKey || !secretKey)
    throw new GatherError('ENV_INVALID', `there is no key for ${endpoint}`, {
      hints: isOfStack
        ? ['gather init writes it to .env']
        : ['export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
    });
  const region = interpolate(s3.region ?? 'us-east-1', lookup);
  return { endpoint, region, accessKey, secretKey, isOfStack };
}

/** Only containers know host.docker.internal. */
function fromHere(address: string): string {
  return address.replace(/(?<=\/\/)(\[[^\]/]*\]|[^:/@[]+)(?=[:/]|$)/, (host) =>
    host === 'host.docker.internal' ? '127.0.0.1' : callable(host),
  );
}

/** The key of the user that may write to a bucket: what components offer counts on a server of one's own, too. */
function keysOf(open: OpenProject, bucket: string): { accessKey: string; secretKey: string } | undefined {
  const lookup = lookupOf(open.blueprint, open.project.env);
  const value = (offer: Offer, key: string) => textOf(offer, key, lookup) ?? '';
  const owner = open.blueprint.components
    .flatMap((component) => component.offers)
    .filter(({ kind }) => kind === 'bucket')
    .find((offer) => value(offer, 'buckets').split(/[, ]+/).includes(bucket));
  return owner && { accessKey: value(owner, 'access_key'), secretKey: value(owner, 'secret_key') };
}
