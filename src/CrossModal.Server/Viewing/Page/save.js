// Saves what is shown: a picture, the plots, a film, a page in one file, the episode.
import { el, svg, download } from './dom.js';
import { file } from './api.js';
import { state } from './state.js';
import { data, policies, otherOf, wordShown, wordName, methodOf, isOfWords, textOf, say } from './data.js';
import { cameraViews } from './cameras.js';
import { plotDrawings } from './plots.js';
import { openDialog } from './help.js';
import { t } from './texts.js';

const GAP = 12;
const LINE = 22;

export function openSave() {
  if (!data.episode || data.episode.end <= data.episode.first) return;
  const status = el('p', { className: 'note', role: 'status' });
  const make = (name, work) => el('button', { type: 'button', textContent: t(name), onclick: () => run(status, work) });
  const buttons = [make('savePicture', savePicture), make('savePlot', savePlots)];
  if (!data.about.saved) {
    buttons.push(make('savePage', savePage), make('saveEpisode', saveEpisode));
    if (data.about.film) buttons.push(make('saveFilm', saveFilm));
    else status.textContent = t('noFilm');
  }
  openDialog(t('save'), el('div', { className: 'choices' }, buttons), status, el('button', { type: 'button', textContent: t('close') }));
}

async function run(status, work) {
  status.textContent = t('saving');
  try {
    await work();
    status.textContent = '';
  } catch (error) {
    status.textContent = textOf(error);
  }
}

function nameOf(ending) {
  return `${data.episode.name.replace(/[^\w-]+/g, '_')}${ending}`;
}

// The choice of map as the server takes it.
function parts() {
  const isRaw = policies().some(policy => methodOf(policy) === 'raw');
  return { episode: data.episode.id, method: state.method, layer: isRaw ? state.layer : null, head: isRaw ? state.head : null, target: state.target, word: isOfWords() ? state.word : null };
}

// The cameras as they are drawn, what they are of above, the scale below.
async function savePicture() {
  const canvases = cameraViews().map(view => view.canvas);
  const width = Math.max(480, canvases.reduce((sum, canvas) => sum + canvas.width + GAP, GAP));
  const height = Math.max(...canvases.map(canvas => canvas.height)) + 4 * GAP + 4 * LINE;
  const picture = el('canvas', { width, height });
  const context = picture.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.fillStyle = '#1a1d23';
  context.font = '15px system-ui, "Noto Sans CJK SC", sans-serif';
  context.fillText(data.episode.instruction, GAP, GAP + 14, width - 2 * GAP);
  const map = policies().length > 0 && !state.plain ? ` · ${policies().map(p => `${p.name}: ${t(methodOf(p))}${data.maps.get(p.name)?.layer ? ` ${data.maps.get(p.name).layer}` : ''}`).join(' · ')} · ${wordName(wordShown())}` : '';
  context.fillText(`${data.episode.name} · ${t('step')} ${state.step}${map}`, GAP, GAP + 14 + LINE, width - 2 * GAP);
  let x = GAP;
  for (const canvas of canvases) {
    context.drawImage(canvas, x, 2 * GAP + 2 * LINE);
    x += canvas.width + GAP;
  }
  const bar = document.querySelector('canvas.bar');
  if (map && bar) {
    context.drawImage(bar, GAP, height - 2 * LINE, 256, 10);
    const { ticks } = data.about.scale;
    context.fillText(`${ticks[0].label} – ${ticks.at(-1).label} ${t('scale')}`, GAP + 264, height - 2 * LINE + 11, width - 264 - 2 * GAP);
  }
  download(await new Promise(resolve => { picture.toBlob(resolve, 'image/png'); }), nameOf(`-${state.step}.png`));
}

// The plots in one drawing, with the style that they have on the page.
async function savePlots() {
  const drawings = plotDrawings();
  const height = drawings.length * (108 + LINE) + GAP;
  const whole = svg('svg', { viewBox: `0 0 640 ${height}`, width: 640, height });
  whole.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  drawings.forEach(({ drawing, title }, i) => {
    const copy = drawing.cloneNode(true);
    const [from, to] = [drawing, copy].map(each => [...each.querySelectorAll('line, polyline, text, rect, path')]);
    from.forEach((element, at) => {
      const style = getComputedStyle(element);
      for (const name of ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-size', 'font-family']) to[at].setAttribute(name, style.getPropertyValue(name));
    });
    for (const [name, value] of Object.entries({ x: 0, y: i * (108 + LINE) + LINE, width: 640, height: 108 })) copy.setAttribute(name, value);
    whole.append(svg('text', { x: 8, y: i * (108 + LINE) + 15, 'font-size': 13, 'font-family': 'sans-serif' }, title), copy);
  });
  download(new Blob([new XMLSerializer().serializeToString(whole)], { type: 'image/svg+xml' }), nameOf('.svg'));
}

async function saveFilm() {
  download(await file('film', parts()), nameOf('.mp4'));
}

async function savePage() {
  download(await file('page', { ...parts(), other: otherOf(), start: location.hash.slice(1) }), nameOf('.html'));
}

async function saveEpisode() {
  download(await file('recording', { episode: data.episode.id }), nameOf('.zip'));
}

export async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    say(t('copied'));
  } catch {
    say(t('linkIs', location.href));
  }
}
