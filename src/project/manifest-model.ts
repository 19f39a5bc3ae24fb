import type * as v from 'valibot';
import { matching, object, oneOf, text, texts, withDefault } from '../model/fields.js';
import type { Location } from '../output/errors.js';

export const DEFAULT_TOPOLOGY = 'celery';
export const DEFAULT_AIRFLOW = '2.11.2';

/** gather.yaml, once: type, reader, JSON Schema and docs/gather-yaml.md follow from it. An empty file has a default for everything. */
export const manifest = object({
  topology: withDefault(
    text('The set-up that the stack mirrors; `gather topologies` lists them'),
    DEFAULT_TOPOLOGY,
  ),
  airflow: withDefault(
    matching(/^\d+\.\d+\.\d+$/, 'must be a full version', "Airflow's full version", [
      `for example: ${DEFAULT_AIRFLOW}`,
      'gather init --airflow 3 writes the newest version of that line',
    ]),
    DEFAULT_AIRFLOW,
  ),
  images: withDefault(
    oneOf(
      ['auto', 'registry', 'packages'],
      'Where images come from: pulled, built from packages, or (auto) pulled where a registry answers',
    ),
    'auto',
  ),
  registry: withDefault(
    matching(
      /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/,
      'must look like host:port/path, without a scheme and a slash at the end',
      'host:port/path before the name of every image that is pulled',
    ),
    undefined,
  ),
  components: texts('Components beside those of the topology'),
  launcher: withDefault(
    oneOf(
      ['plain', 'fast'],
      "How Airflow's services are started: as they are, or fast: with patches that save processor time and memory (docs/launcher.md)",
    ),
    'plain',
  ),
  profiles: texts('Compose profiles that `gather up` starts'),
  'packages-until': withDefault(
    matching(
      /^\d{4}-\d{2}-\d{2}$/,
      'must be a date such as 2026-03-15',
      "The day whose state of PyPI the Airflow image is built from; the release's own when absent",
    ),
    undefined,
  ),
});

type Written = v.InferOutput<typeof manifest>;
export type ImageSource = Written['images'];

/** What gather.yaml says. */
export interface Manifest extends Omit<Written, 'registry' | 'packages-until'> {
  /** `host:port/path` that stands before every image's name when it is pulled. */
  registry: string | undefined;
  /** The day, as YYYY-MM-DD, whose state of PyPI the Airflow image is built from; the release's own day when absent. */
  packagesUntil: string | undefined;
  /** Where a value stands in gather.yaml. */
  at?: (path: (string | number)[]) => Location;
}
