// The README's chart: bars of the boot figures as one SVG, readable on light and on dark.
const [LEFT, WIDTH, BAR, GAP] = [230, 720, 18, 6];

export function chart(rows) {
  // when a stack says that it is ready is not when it is usable: the table has both
  const bars = rows.filter(({ part, figure }) => part === 'boot' && !figure.endsWith('said ready'));
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const height = bars.length * (BAR + GAP) + GAP;
  const drawn = bars.map((row, index) => bar(row, GAP + index * (BAR + GAP), most));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<title>Seconds to boot: gather and the quick-start layout</title>
<rect width="100%" height="100%" fill="#fff"/>
${drawn.join('\n')}
</svg>
`;
}

function bar({ version, figure, side, value }, y, most) {
  const width = Math.max(1, (value / most) * (WIDTH - LEFT - 60));
  const colour = side.startsWith('gather') ? '#017cee' : '#aaa';
  const middle = y + BAR / 2 + 4;
  return `<text x="${LEFT - 8}" y="${middle}" text-anchor="end">${escaped(`${version} ${figure}: ${side}`)}</text><rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="${colour}"/><text x="${(LEFT + width + 6).toFixed(1)}" y="${middle}">${value.toFixed(1)} s</text>`;
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
