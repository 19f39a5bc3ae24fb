const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** What stands between `<name>` and `</name>`, each time; of XML as Maven's settings.xml has it, without comments. */
export function childrenOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}\\s*>`, 'g'))].map(
    ([, inside = '']) => inside,
  );
}

/** The text of the first such element, empty when there is none. */
export function textOf(xml: string, name: string): string {
  const inside = childrenOf(xml, name)[0] ?? '';
  const data = /^\s*<!\[CDATA\[([\s\S]*?)\]\]>\s*$/.exec(inside)?.[1];
  return data ?? inside.trim().replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, entity);
}

/** `<active>` is true when absent. */
export function isOn(xml: string): boolean {
  return textOf(xml, 'active') !== 'false';
}

function entity(written: string, decimal?: string, hex?: string, name?: string): string {
  if (decimal) return String.fromCodePoint(Number(decimal));
  if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
  return ENTITIES[name ?? ''] ?? written;
}
