/** A text of JSON, or an integer that a number of JavaScript may not hold. */
const TEXT_OR_WIDE = /"(?:[^"\\]|\\.)*"|(?<![\d.])-?\d{16,}(?![\d.eE])/g;

/** Parses JSON; an integer of sixteen digits or more becomes a text: 9007199254740993 would come out as …992. */
export function parseRows(json: string): unknown {
  return JSON.parse(json.replace(TEXT_OR_WIDE, (found) => (found.startsWith('"') ? found : `"${found}"`)));
}
