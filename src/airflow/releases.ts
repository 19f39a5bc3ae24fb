import { GatherError } from '../output/errors.js';

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
  '2.11.1': '2026-02-17',
  '2.11.2': '2026-03-15',
  '3.0.6': '2025-08-30',
  '3.1.8': '2026-03-12',
  '3.2.2': '2026-05-30',
  '3.3.0': '2026-07-07',
  '3.3.1': '2026-08-13',
  '3.3.2': '2026-09-19',
};

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
        `known: ${Object.keys(FIRST_DAY).join(', ')}`,
        `set packages-until: YYYY-MM-DD in gather.yaml, a day or two after the release`,
      ],
    },
  );
}
