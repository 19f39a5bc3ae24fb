import { Catalog } from '../src/catalog/catalog.js';
import { OWN } from './catalog/play-catalog.js';
import { SCHEMAS, type Schema } from './json-schema.js';

const GENERATED =
  '<!-- Generated from the declarations in src; `npx vitest run --project unit test/docs.test.ts --update` writes it anew. -->';

/** The pages of docs/ that follow from the declarations, by their names. */
export const PAGES: Record<string, () => string> = {
  'x-gather.md': () =>
    page('x-gather: what a component says beside its services', [
      `A component is a Compose file: \`compose/components/NAME/component.yaml\`, with its image and its files beside it; a project's own may
also be the file \`compose/components/NAME.yaml\`. Its services are plain Compose. What Compose cannot say stands in its \`x-gather\` block,
which has the keys below. "Template" means that \`\${NAME}\` stands for a variable of \`.env\`, by the rules of Compose.`,
      ...tables('x-gather', SCHEMAS.component.properties['x-gather']),
      '## Kinds of offers',
      `A component brings something for others under \`offers\`, by its kind; the component that owns the kind says under \`collects\` what it wants
to know of one. In its services \`for KIND:\` stands for the lines below it, once for each offer; in its files \`{ for: KIND, each: … }\` does.
In both \`\${item.KEY}\` is what was offered, and what names a key that an offer does not have is left out. In files \`\${item.component}\`,
\`\${item.summary}\` and \`\${item.profile}\` say who offers it. An offer of a kind that nobody in the stack collects is dropped. gather itself
collects \`login\`: the variables with the name and the password of a person, \`at\` which part or service. And it makes offers of its own of a
kind \`part\`, one for each service that goes on running, for files alone: \`service\`, its \`aliases\`, \`profile\`, and where the services that
get the file can ask over HTTP whether it is usable (\`to\`, \`json\`, \`status\`, \`says\`), by its own \`ready\` or what is offered as \`health\` of it.`,
      table(['Kind', 'Collected by', 'Keys'], kinds()),
    ]),
  'gather-yaml.md': () =>
    page('gather.yaml: what a stack is made of', [
      `The one file of a project that a person writes by hand; \`gather init\` makes it, \`gather render\` turns it into compose.yaml. Every key may be
missing. Values and secrets are not in here but in \`.env\`.`,
      ...tables('gather.yaml', SCHEMAS.gather),
    ]),
  'events.md': () =>
    page('The lines of --output json', [
      `With \`--output json\` a command writes one JSON object a line: events while it works, and as the last line a \`result\` or an \`error\`. \`type\`
says which one it is. Each has the keys of its table and no others.`,
      ...((SCHEMAS.event as Schema).oneOf ?? []).flatMap((line) =>
        tables(String(line.properties?.type?.const), line),
      ),
    ]),
};

/** Headings whose page has said already what they are. */
const TOP = ['x-gather', 'gather.yaml'];

function page(title: string, parts: string[]): string {
  return `${GENERATED}\n# ${title}\n\n${parts.join('\n\n')}\n`;
}

/** A heading, what the object is, the table of its keys, and the same for each object in it. */
function tables(path: string, schema: Schema, level = 2): string[] {
  const entries = Object.entries(schema.properties ?? {}).filter(([, one]) => one.const === undefined);
  const inner = entries.flatMap(([key, one]): [string, Schema][] => {
    const [suffix, object] = objectIn(one);
    return object ? [[`${path}.${key}${suffix}`, object]] : [];
  });
  const rows = entries.map(([key, one]) => [
    `\`${key}\``,
    typeOf(one, path, key),
    schema.required?.includes(key) ? 'yes' : 'no',
    text(one),
  ]);
  return [
    `${'#'.repeat(level)} ${path}`,
    ...(schema.description && !TOP.includes(path) ? [`${schema.description}.`] : []),
    table(['Key', 'What it is', 'Needed', 'What it says'], rows),
    ...inner.flatMap(([name, object]) => tables(name, object, 3)),
  ];
}

/** The object with keys of its own that a value is, or is made of. */
function objectIn(schema: Schema): [suffix: string, object: Schema | undefined] {
  const { items, additionalProperties: each } = schema;
  if (schema.properties) return ['', schema];
  if (items?.properties) return ['[]', items];
  if (typeof each === 'object' && each.properties) return ['.NAME', each];
  return ['', undefined];
}

function typeOf(schema: Schema, path: string, key: string): string {
  const { type, enum: words, items, additionalProperties: each, minimum } = schema;
  const [suffix, object] = objectIn(schema);
  const below = object ? `, [as below](#${slug(`${path}.${key}${suffix}`)})` : '';
  if (words) return words.map((word) => `\`${word}\``).join(', ');
  if (items) return object ? `list of maps${below}` : `list of ${plural(items)}`;
  if (typeof each === 'object') return object ? `map of maps${below}` : `map of ${plural(each)}`;
  if (type === 'object') return object ? `map${below}` : 'map';
  if (Array.isArray(type)) return type.includes('array') ? 'text or list of texts' : 'text or number';
  if (type === 'string') return 'text';
  if (type === 'boolean') return 'true or false';
  if (type === 'integer') return minimum ? `whole number from ${minimum}` : 'whole number';
  return type === 'number' ? 'number' : 'anything';
}

function plural(schema: Schema): string {
  if (schema.enum) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if (schema.items) return `lists of ${plural(schema.items)}`;
  if (typeof schema.additionalProperties === 'object') {
    const inner = plural(schema.additionalProperties);
    return inner === 'anything' ? 'maps' : `maps of ${inner}`;
  }
  if (schema.type === 'object') return 'maps';
  return Array.isArray(schema.type) || schema.type === 'string' ? 'texts' : 'anything';
}

function text({ description = '', default: value }: Schema): string {
  return value === undefined ? description : `${description} (\`${String(value)}\` when absent)`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** The anchor that GitHub gives a heading. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

/** The kinds that gather's own components collect. */
function kinds(): string[][] {
  const owners = new Map<string, { names: string[]; keys: string }>();
  for (const { name, collects } of new Catalog([OWN]).all())
    for (const [kind, keys] of Object.entries(collects)) {
      const shown = Object.entries(keys).map(
        ([key, { type, optional }]) => `\`${key}\` (${type}${optional ? ', may be missing' : ''})`,
      );
      const { names } = owners.get(kind) ?? { names: [] };
      owners.set(kind, { names: [...names, name], keys: shown.join(', ') });
    }
  return [...owners].sort().map(([kind, { names, keys }]) => [`\`${kind}\``, names.join(', '), keys]);
}
