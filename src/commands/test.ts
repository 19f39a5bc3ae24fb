import { type TestReport, testDags } from '../airflow/tests/pytest.js';
import { throwaway } from '../airflow/tests/throwaway.js';
import { count } from '../output/text.js';
import { openProject } from '../stack/open.js';
import { type CommandModule, examples } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command.argument('[pytest...]', "pytest's own arguments, behind --");
    examples(command, {
      'gather test':
        'imports every DAG file, then runs the pytest of dags/tests and tests; the stack may be down',
      'gather test -- -k sales -x': 'what stands behind -- goes to pytest',
      'gather test -- dags/tests/test_dagbag.py::test_no_file_fails': 'one test',
    });
  },

  async run(context, args) {
    const open = openProject(context.folder, context.home);
    const { output: report, signal } = context;
    const container = await throwaway(open, context.home, report, signal);
    const colour = report.format === 'text' && process.stdout.isTTY === true;
    const result = await testDags(container, { args, colour, report, signal });
    return { data: result, text: endingOf(result), exitCode: result.passed ? 0 : 1 };
  },
};

function endingOf({ passed, dags, importErrors, pytest }: TestReport): string {
  const imports = importErrors.length
    ? `${count(importErrors.length, 'file')} cannot be imported`
    : `${count(dags.length, 'DAG')} import`;
  const tests = pytest
    ? pytest.summary || (pytest.passed ? 'pytest passed' : 'pytest failed')
    : 'no tests in dags/tests or tests';
  return `${passed ? 'passed' : 'FAILED'}: ${imports}; ${tests}`;
}
