import { mapOf, object, optional, text, texts, where } from '../../model/fields.js';

/** A topology file: the components and settings that mirror one cloud set-up. */
export const topology = where(
  object({
    summary: optional(text('One line that says what it mirrors')),
    components: texts('In the order in which their questions are asked'),
    settings: mapOf(text(''), 'Variable → the default it has here'),
  }),
  ({ components }) => components.length > 0,
  'needs at least one of "components"',
);
