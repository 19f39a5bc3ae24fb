import { withoutPasswords } from '../output/passwords.js';
import type { VariableSpec } from './schema.js';

/** True for a variable whose value is not shown; one that no component declares is judged by its name. */
export function isSecret(name: string, variables: VariableSpec[]): boolean {
  const declared = variables.find((variable) => variable.name === name.split('.')[0]);
  return declared ? declared.secret : /PASS|SECRET|TOKEN|KEY|CONN|CREDENTIAL/i.test(name);
}

/** A value as people are shown it: nothing of a secret, and of a URL in any other no login. */
export function shownValue(name: string, value: string, variables: VariableSpec[]): string {
  return isSecret(name, variables) ? '***' : withoutPasswords(value);
}
