import { html } from '../../output/html.js';
import type { BootRecord } from './boot-record.js';
import { type Bar, barsOf } from './waterfall.js';

const ROW = 22;
const NAMES = 210;
const WIDTH = 980;

const STYLE = `
:root { color-scheme: light dark; --text: #1c2330; --faint: #6a7385; --line: #d9dee7; --ground: #fff; --wait: #cfd6e2; --phase: #7a869a; --image: #b7791f; --container: #2563a8 }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ef; --faint: #9aa3b5; --line: #333b4a; --ground: #161b24; --wait: #3a4457; --phase: #8d99ae; --image: #d69e2e; --container: #63a4e8 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground); max-width: 1000px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem; margin: 0 } p { color: var(--faint); margin: .3rem 0 1.2rem }
svg { width: 100%; height: auto; display: block } text { font: 12px system-ui, sans-serif; fill: var(--text) } .tick { fill: var(--faint) }
.grid { stroke: var(--line) } .wait { fill: var(--wait) } .phase { fill: var(--phase) } .image { fill: var(--image) } .container { fill: var(--container) }
table { border-collapse: collapse; width: 100%; margin-top: 1.5rem } th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line) }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums } .scroll { overflow-x: auto }`;

/** A boot as one HTML page that needs nothing else: bars, and the same as a table. */
export function timelineHtml(record: BootRecord, stack: string): string {
  const bars = barsOf(record);
  const title = `Boot of ${stack}`;
  const outcome = record.usable ? 'usable' : 'not usable';
  const when = record.started.replace('T', ' ').slice(0, 19);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${html(title)}: ${outcome} after ${record.seconds.toFixed(1)} s</h1>
<p>Airflow ${html(record.airflow)}, ${html(when)} UTC. Grey is waiting, colour is work: phases, images, containers.</p>
<div class="scroll">
${chart(bars, record.seconds)}
</div>
<div class="scroll">
<table>
<thead><tr><th>What</th><th class="n">begins</th><th class="n">works from</th><th class="n">ends</th><th></th></tr></thead>
<tbody>
${bars.map(tableRow).join('\n')}
${record.probes.map((probe) => `<tr><td>${html(probe.service)}</td><td class="n"></td><td class="n"></td><td class="n">${probe.at.toFixed(2)}</td><td>${html(probe.says)}</td></tr>`).join('\n')}
</tbody>
</table>
</div>
</body>
</html>
`;
}

function chart(bars: Bar[], seconds: number): string {
  const scale = (WIDTH - NAMES - 10) / Math.max(seconds, 0.1);
  const x = (at: number) => (NAMES + at * scale).toFixed(1);
  const step = [0.5, 1, 2, 5, 10, 30, 60, 120].find((one) => seconds / one <= 12) ?? 300;
  const height = bars.length * ROW + 24;
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step);
  const grid = ticks.map(
    (at) =>
      `<line class="grid" x1="${x(at)}" x2="${x(at)}" y1="18" y2="${height}"/><text class="tick" x="${x(at)}" y="12" text-anchor="middle">${at} s</text>`,
  );
  const rows = bars.map((bar, i) => {
    const y = 24 + i * ROW;
    const rect = (kind: string, from: number, to: number) =>
      to > from
        ? `<rect class="${kind}" x="${x(from)}" y="${y}" width="${Math.max(1, (to - from) * scale).toFixed(1)}" height="14" rx="2"/>`
        : '';
    return `<g><title>${html(`${bar.name}: ${bar.says}`)}</title><text x="0" y="${y + 11}">${html(bar.name)}</text>${rect('wait', bar.from, bar.ready)}${rect(bar.kind, bar.ready, Math.max(bar.to, bar.ready + 0.02))}</g>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Bars of the boot; the table below says the same">\n${grid.join('')}\n${rows.join('\n')}\n</svg>`;
}

function tableRow(bar: Bar): string {
  const cell = (value: number) => `<td class="n">${value.toFixed(2)}</td>`;
  return `<tr><td>${html(bar.name)}</td>${cell(bar.from)}${cell(bar.ready)}${cell(bar.to)}<td>${html(bar.says)}</td></tr>`;
}
