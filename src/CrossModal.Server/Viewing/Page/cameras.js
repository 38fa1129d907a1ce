// The cameras, those of each policy in a panel of its own, with the map over them.
import { el } from './dom.js';
import { picture } from './api.js';
import { state, set, on } from './state.js';
import { data, policies, shownValues, wordShown, wordName, verdictKey, say, textOf } from './data.js';
import { overlay, letterbox, drawBar } from './colors.js';
import { t } from './texts.js';

const LEAST_SIDE = 384;
const MAP_DELAY = 150;
const FAULTS = ['chance', 'noise'];

let views = [];
let drawing = 0;
let waiting = 0;

export function makeCameras(root) {
  const panels = el('div', { className: 'panels' });
  const empty = el('p', { className: 'note', hidden: true });
  const bar = el('canvas', { width: 256, height: 12, className: 'bar' });
  const ticks = el('div', { className: 'ticks' });
  const legend = el('figure', { className: 'colorbar' }, bar, ticks, el('figcaption'));
  bar.setAttribute('aria-hidden', 'true');
  root.append(panels, empty, legend);

  const build = () => {
    const shown = policies();
    views = [];
    panels.replaceChildren(...(data.episode ? shown.length > 0 ? shown : [null] : []).map(policy => panel(policy)));
    legend.hidden = shown.length === 0;
    legend.querySelector('figcaption').textContent = t('scale');
    const { scale } = data.about;
    drawBar(bar, scale);
    ticks.replaceChildren(...scale.ticks.map(tick => {
      const mark = el('span', { textContent: tick.label });
      mark.style.left = `${100 * tick.position}%`;
      return mark;
    }));
    empty.hidden = !data.episode || shown.length > 0;
    empty.textContent = data.about.live ? t('noMapsLive') : t('noMaps');
    draw();
  };
  on(['loaded', 'lang'], build);
  on(['maps', 'hover', 'word', 'smooth', 'plain', 'verdicts'], draw);
  on(['step'], () => {
    // The picture with its map, at once if it comes soon; the picture alone if it does not.
    clearTimeout(waiting);
    waiting = setTimeout(draw, policies().length === 0 || state.plain ? 0 : MAP_DELAY);
  });
  on(['patch'], mark);
}

function panel(policy) {
  const name = policy ? policies().length > 1 ? `${'AB'[policies().indexOf(policy)]}: ${policy.name}` : policy.name : '';
  const problem = el('p', { className: 'problem', hidden: true });
  const cameras = data.episode.cameras.map((camera, index) => view(policy, camera, index));
  views.push(...cameras.map(c => ({ ...c, problem })));
  return el('section', { className: 'panel' }, name && el('h3', { textContent: name }), problem, el('div', { className: 'cameras' }, cameras.map(c => c.figure)));
}

function view(policy, camera, index) {
  const canvas = el('canvas', { tabIndex: policy ? 0 : -1 });
  const outline = el('div', { className: 'outline', hidden: true });
  const figure = el('figure', { className: 'camera' }, el('div', { className: 'picture' }, canvas, outline), el('figcaption', { textContent: camera.name }));
  canvas.setAttribute('role', 'img');
  if (policy) {
    canvas.addEventListener('pointermove', event => {
      const area = canvas.getBoundingClientRect();
      pick(policy, camera, index, (event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height);
    });
    canvas.addEventListener('pointerleave', () => { if (document.activeElement !== canvas) set({ patch: null }); });
    canvas.addEventListener('keydown', event => walk(event, policy, camera, index));
    canvas.addEventListener('focus', () => { if (canvas.matches(':focus-visible') && state.patch?.camera !== index) pick(policy, camera, index, 0.5, 0.5); });
    canvas.addEventListener('blur', () => set({ patch: null }));
  }
  return { policy, camera, index, canvas, outline, figure };
}

// The patch at a place of a picture, each from 0 to 1.
function pick(policy, camera, index, x, y) {
  const box = letterbox(camera.width, camera.height, policy.side);
  const place = (at, length, offset, count) => Math.max(0, Math.min(count - 1, Math.trunc((at * length + offset) / policy.side * count)));
  choose(policy, index, place(y, box.height, box.top, policy.rows), place(x, box.width, box.left, policy.columns));
}

function choose(policy, camera, row, column) {
  const known = state.patch;
  if (known && known.policy === policy.name && known.camera === camera && known.row === row && known.column === column) return;
  set({ patch: { policy: policy.name, camera, row, column } });
}

function walk(event, policy, camera, index) {
  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  if (event.key === 'Escape') event.target.blur();
  if (!moves[event.key] || event.shiftKey || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  const at = state.patch ?? { row: Math.trunc(policy.rows / 2), column: Math.trunc(policy.columns / 2) };
  const [down, across] = moves[event.key];
  choose(policy, index, Math.max(0, Math.min(policy.rows - 1, at.row + down)), Math.max(0, Math.min(policy.columns - 1, at.column + across)));
}

function mark() {
  for (const { policy, camera, index, outline } of views) {
    const patch = state.patch;
    outline.hidden = !patch || !policy || patch.camera !== index;
    if (outline.hidden) continue;
    const box = letterbox(camera.width, camera.height, policy.side);
    const share = (at, count, offset, length) => 100 * Math.max(0, Math.min(1, (at / count * policy.side - offset) / length));
    const [left, right] = [patch.column, patch.column + 1].map(at => share(at, policy.columns, box.left, box.width));
    const [top, bottom] = [patch.row, patch.row + 1].map(at => share(at, policy.rows, box.top, box.height));
    Object.assign(outline.style, { left: `${left}%`, top: `${top}%`, width: `${right - left}%`, height: `${bottom - top}%` });
  }
}

async function draw() {
  const { episode } = data;
  if (!episode || episode.end <= episode.first) return;
  const turn = ++drawing;
  clearTimeout(waiting);
  try {
    for (const each of views) {
      const bitmap = await picture({ episode: episode.id, step: state.step, camera: each.index });
      if (turn !== drawing) return;
      paint(each, bitmap);
    }
    if (state.playing && state.step + 1 < episode.end)
      for (const camera of episode.cameras.keys()) picture({ episode: episode.id, step: state.step + 1, camera }).catch(() => {});
  } catch (error) {
    if (turn === drawing) say(textOf(error));
  }
}

function paint({ policy, camera, index, canvas, problem }, bitmap) {
  const enlarge = Math.max(1, Math.trunc(LEAST_SIDE / Math.max(bitmap.width, bitmap.height)));
  Object.assign(canvas, { width: bitmap.width * enlarge, height: bitmap.height * enlarge });
  Object.assign(camera, { width: bitmap.width, height: bitmap.height });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const values = policy && !state.plain ? shownValues(policy) : null;
  const fault = values && state.hover === null ? data.verdicts.get(verdictKey(policy))?.verdict : null;
  canvas.dataset.grey = FAULTS.includes(fault) ? fault : '';
  canvas.dataset.step = state.step;
  canvas.setAttribute('aria-label', values ? t('mapOver', policy.name, wordName(wordShown()), camera.name) : t('pictureOf', camera.name));
  problem.hidden = !policy || !data.problems.has(policy.name);
  problem.textContent = policy ? data.problems.get(policy.name) ?? '' : '';
  if (!values) return;
  const patches = policy.rows * policy.columns;
  const image = context.getImageData(0, 0, canvas.width, canvas.height);
  overlay(image, values.slice(index * patches, (index + 1) * patches), policy, data.about.scale,
    { smooth: state.smooth, grey: FAULTS.includes(fault), picture: bitmap });
  context.putImageData(image, 0, 0);
  if (FAULTS.includes(fault)) write(context, canvas, t(fault));
}

// The verdict across the lower edge.
function write(context, canvas, text) {
  const size = Math.max(12, Math.round(canvas.width / 20));
  context.fillStyle = '#000';
  context.fillRect(0, canvas.height - 1.6 * size, canvas.width, 1.6 * size);
  context.fillStyle = '#fff';
  context.font = `${size}px system-ui, sans-serif`;
  context.fillText(text, size / 2, canvas.height - size / 2);
}

export function firstCanvas() {
  return views[0]?.canvas ?? null;
}

export function cameraViews() {
  return views;
}
