// The step: a slider with markers, and playing.
import { el, svg } from './dom.js';
import { state, set, on } from './state.js';
import { data, goTo } from './data.js';
import { markers } from './markers.js';
import { t } from './texts.js';

let timer = 0;

export function makeScrubber(root) {
  const button = (name, text, press) => {
    const made = el('button', { type: 'button', textContent: text, onclick: press });
    return { made, label: () => made.setAttribute('aria-label', t(name)) };
  };
  const buttons = {
    marker: button('previousMarker', '⇤', () => toMarker(-1)), back: button('previousStep', '‹', () => goTo(state.step - 1)), play: button('play', '▶', togglePlay),
    on: button('nextStep', '›', () => goTo(state.step + 1)), next: button('nextMarker', '⇥', () => toMarker(1)),
  };
  const slider = el('input', { type: 'range', id: 'step', min: 0, max: 0, value: 0 });
  slider.addEventListener('input', () => goTo(Number(slider.value)));
  const track = svg('svg', { class: 'marks', role: 'img', preserveAspectRatio: 'none' });
  const status = el('output', { htmlFor: 'step', className: 'status' });
  root.append(el('div', { className: 'buttons' }, Object.values(buttons).map(b => b.made)), el('div', { className: 'track' }, track, slider), status);

  const update = () => {
    const { episode } = data;
    for (const each of Object.values(buttons)) each.label();
    slider.setAttribute('aria-label', t('step'));
    buttons.play.made.textContent = state.playing ? '❚❚' : '▶';
    buttons.play.made.setAttribute('aria-label', t(state.playing ? 'pause' : 'play'));
    const isEmpty = !episode || episode.end <= episode.first;
    slider.disabled = isEmpty;
    for (const each of Object.values(buttons)) each.made.disabled = isEmpty;
    if (isEmpty) {
      status.textContent = '';
      return;
    }
    [slider.min, slider.max, slider.value] = [episode.first, episode.end - 1, state.step];
    const here = markers().filter(m => (m.kind === 'differs' ? m.step <= state.step && state.step <= m.end : m.step === state.step)).map(m => t(m.kind));
    status.textContent = [t('stepOf', state.step, episode.end - 1), ...new Set(here)].join(' · ');
    slider.setAttribute('aria-valuetext', status.textContent);
  };
  const marks = () => {
    drawMarks(track);
    update();
  };
  on(['timeline', 'loaded', 'lang'], marks);
  on(['step', 'playing'], update);
  on(['playing'], play);
  on(['step', 'loaded'], () => { if (state.playing && data.episode && state.step >= data.episode.end - 1 && !data.about.live) set({ playing: false }); });
}

function drawMarks(track) {
  const { episode } = data;
  const found = markers();
  track.replaceChildren();
  const counts = ['closes', 'opens', 'stops', 'differs'].map(kind => [kind, found.filter(m => m.kind === kind).length]).filter(([, count]) => count > 0);
  track.setAttribute('aria-label', `${t('markers')}: ${counts.map(([kind, count]) => `${t(kind)} ${count}`).join(', ')}`);
  if (!episode || episode.end - episode.first < 2) return;
  const width = 1000;
  track.setAttribute('viewBox', `0 0 ${width} 22`);
  const x = step => (step - episode.first) / (episode.end - 1 - episode.first) * width;
  for (const mark of found) {
    const name = svg('title', {}, `${t(mark.kind)}: ${t('step')} ${mark.step}`);
    if (mark.kind === 'differs') {
      const left = Math.max(0, x(mark.step) - 2);
      track.append(svg('rect', { x: left, y: 17 - 4 * mark.policy, width: Math.max(4, x(mark.end) - left + 2), height: 3, class: `differs s${mark.policy}` }, name));
    } else {
      track.append(svg('g', { class: `mark ${mark.kind}`, 'data-step': mark.step, transform: `translate(${x(mark.step)} 11)` }, name, shape(mark.kind)));
    }
  }
  track.onclick = event => {
    const step = event.target.closest('[data-step]')?.dataset.step;
    if (step) goTo(Number(step));
  };
}

// The slider is stretched to any width, so signs are drawn, not written.
function shape(kind) {
  if (kind === 'stops') return svg('rect', { x: -5, y: -9, width: 10, height: 10 });
  return svg('path', { d: kind === 'closes' ? 'M-6 -8 L6 -8 L0 2 Z' : 'M-6 2 L6 2 L0 -8 Z' });
}


export function toMarker(direction) {
  const steps = [...new Set(markers().map(m => m.step))];
  const next = direction > 0 ? steps.find(step => step > state.step) : steps.findLast(step => step < state.step);
  if (next !== undefined) goTo(next);
}

export function togglePlay() {
  const { episode } = data;
  if (!episode || episode.end <= episode.first) return;
  if (!state.playing && state.step >= episode.end - 1 && !data.about.live) goTo(episode.first);
  set({ playing: !state.playing });
}

function play() {
  clearInterval(timer);
  if (state.playing) timer = setInterval(() => { if (state.step < data.episode.end - 1) goTo(state.step + 1); }, 1000 / (data.episode.rate ?? 10));
}
