// Lines over the steps of an episode.
import { el, svg } from './dom.js';

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 108, 52, 10, 8, 18];

function shortNumber(value) {
  if (value === 0) return '0';
  return Math.abs(value) >= 1000 || Math.abs(value) < 0.001 ? value.toExponential(0) : `${Number(value.toPrecision(2))}`;
}

function ends(series, levels, range) {
  if (range) return range;
  const values = [...series.flatMap(s => s.values), ...levels.map(l => l.value)].filter(v => v !== null && v !== undefined);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (!Number.isFinite(low)) return [0, 1];
  return low === high ? [low - 1, high + 1] : [low - 0.05 * (high - low), high + 0.05 * (high - low)];
}

// A chart with a line that marks the present step; a click goes to a step.
export function chart({ title, unit = '', first, end, series, levels = [], range = null, choose }) {
  const [low, high] = ends(series, levels, range);
  const x = step => LEFT + (end - first <= 1 ? 0 : (step - first) / (end - 1 - first)) * (WIDTH - LEFT - RIGHT);
  const y = value => HEIGHT - BOTTOM - (Math.max(low, Math.min(high, value)) - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
  const drawing = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': title, class: 'chart' });
  for (const value of [low, (low + high) / 2, high]) {
    drawing.append(svg('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value), class: 'grid' }),
      svg('text', { x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end', class: 'tick' }, shortNumber(value)));
  }
  for (const level of levels) drawing.append(svg('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: y(level.value), y2: y(level.value), class: 'level' }, svg('title', {}, level.name)));
  for (const line of series) for (const points of pieces(line.values, first, x, y)) drawing.append(svg('polyline', { points, class: `line ${line.style}` }));
  const cursor = svg('line', { y1: TOP, y2: HEIGHT - BOTTOM, class: 'cursor' });
  drawing.append(cursor);
  drawing.addEventListener('click', event => {
    const area = drawing.getBoundingClientRect();
    const share = ((event.clientX - area.left) / area.width * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
    choose(Math.round(first + share * (end - 1 - first)));
  });
  const figure = el('figure', { className: 'plot' }, el('figcaption', {}, el('span', { className: 'row', textContent: title }), unit && el('span', { className: 'note', textContent: ` ${unit}` })), drawing);
  return { figure, drawing, move: step => { cursor.setAttribute('x1', x(step)); cursor.setAttribute('x2', x(step)); } };
}

// What is not known leaves a gap.
function pieces(values, first, x, y) {
  const lines = [[]];
  values.forEach((value, i) => {
    if (value === null || value === undefined) lines.push([]);
    else lines.at(-1).push(`${x(first + i).toFixed(1)},${y(value).toFixed(1)}`);
  });
  return lines.filter(line => line.length > 0).map(line => (line.length === 1 ? [line[0], line[0]] : line).join(' '));
}

export function legend(items) {
  return el('div', { className: 'legend' }, items.map(([name, style]) => el('span', {},
    svg('svg', { viewBox: '0 0 26 8', width: 26, height: 8, 'aria-hidden': 'true' }, svg('line', { x1: 0, x2: 26, y1: 4, y2: 4, class: `line ${style}` })), name)));
}
