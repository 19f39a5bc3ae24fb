import { mapOf, object, optional, scalar, someTexts, text } from '../../model/fields.js';

/** A topology file: the components and settings that mirror one cloud set-up. */
export const topology = object({
  summary: optional(text('One line that says what it mirrors')),
  components: someTexts('In the order in which their questions are asked'),
  settings: mapOf(scalar(''), 'Variable → the default it has here'),
});
