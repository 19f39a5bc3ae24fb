import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Last come the files whose images setup.ts is building meanwhile, before them those that count seconds: both want the rest of it to be over. */
const LATE = [
  'readiness',
  'faults',
  'boot-faults',
  'airflow-3',
  'local',
  's3',
  'git-sync',
  'keycloak',
  'matrix',
  'eks',
];

const place = (file: TestSpecification) => LATE.indexOf(basename(file.moduleId, '.test.ts'));

export class SlowImagesLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
