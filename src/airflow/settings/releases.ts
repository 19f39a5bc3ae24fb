import { GatherError } from '../../output/errors.js';

/**
 * A day on which `uv pip install --exclude-newer` finds each release on PyPI: the first one, or one up to ten days later that was
 * tried. The packages of that day are about what the release was tested with; they stand in for the constraints file, which is not on PyPI.
 */
const FIRST_DAY: Record<string, string> = {
  '2.10.0': '2024-08-16',
  '2.10.1': '2024-09-07',
  '2.10.2': '2024-09-21',
  '2.10.3': '2024-11-06',
  '2.10.4': '2024-12-17',
  '2.10.5': '2025-02-20',
  '2.11.0': '2025-05-21',
  '2.11.1': '2026-02-21',
  '2.11.2': '2026-03-15',
  '3.0.6': '2025-08-30',
  '3.1.8': '2026-03-12',
  '3.2.2': '2026-05-30',
  '3.3.0': '2026-07-07',
  '3.3.1': '2026-08-13',
  '3.3.2': '2026-09-19',
};

/** The versions that gather knows, the oldest first. */
export const KNOWN = Object.keys(FIRST_DAY).sort((a, b) => place(a) - place(b));

function place(version: string): number {
  return version.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0);
}

/**
 * The full version that a person means: `3` and `3.3` are the newest that gather knows of that line.
 * @param isKnownElsewhere the project says itself where such a version comes from (packages-until, a registry)
 * Throws USAGE for what nobody could install.
 */
export function fullVersion(wanted: string, isKnownElsewhere = false): string {
  const newest = KNOWN.filter((one) => one === wanted || one.startsWith(`${wanted}.`)).at(-1);
  if (newest) return newest;
  if (isKnownElsewhere && /^\d+\.\d+\.\d+$/.test(wanted)) return wanted;
  throw new GatherError('USAGE', `gather does not know Airflow "${wanted}"`, {
    hints: [
      `known: ${KNOWN.join(', ')}`,
      'another one: write airflow: and packages-until: YYYY-MM-DD, a day or two after its release, into gather.yaml',
    ],
  });
}

/** The day up to which packages are taken for a version of Airflow, as YYYY-MM-DD. Throws PROJECT_INVALID for a version gather does not know. */
export function packagesDay(airflow: string, wanted: string | undefined): string {
  const day = wanted ?? FIRST_DAY[airflow];
  if (day) return day;
  throw new GatherError(
    'PROJECT_INVALID',
    `gather does not know on which day Airflow ${airflow} was released`,
    {
      where: { file: 'gather.yaml' },
      hints: [
        `known: ${KNOWN.join(', ')}`,
        `set packages-until: YYYY-MM-DD in gather.yaml, a day or two after the release`,
      ],
    },
  );
}
