// The actions over time, the monitor, and what would be done under another instruction.
import { el } from './dom.js';
import { state, set, on } from './state.js';
import { data, firstTimeline, policies, otherOf, loadTimelines, goTo } from './data.js';
import { chart, legend } from './charts.js';
import { t } from './texts.js';

let charts = [];

export function makePlots(root) {
  const [actionTitle, actions, traces] = [el('h2'), el('div', { className: 'plots' }), el('div', { className: 'plots' })];
  const other = el('input', { type: 'text', id: 'other', maxLength: 300, autocomplete: 'off' });
  const compare = el('button', { type: 'submit' });
  const label = el('label', { htmlFor: 'other' });
  const form = el('form', { className: 'other' }, label, other, compare);
  form.addEventListener('submit', async event => {
    event.preventDefault();
    set({ other: other.value.trim() });
    await loadTimelines();
  });
  root.append(actionTitle, actions, form, traces);

  const build = () => {
    charts = [];
    actionTitle.textContent = t('actions');
    [label.textContent, compare.textContent] = [t('otherInstruction'), t('compare')];
    form.hidden = policies().length === 0 || data.about.saved;
    if (document.activeElement !== other) other.value = otherOf();
    const base = firstTimeline();
    actions.replaceChildren();
    traces.replaceChildren();
    if (!base || base.end <= base.first) return;
    actions.append(...actionCharts(base));
    traces.append(...traceCharts());
    move();
  };
  const move = () => charts.forEach(each => each.move(state.step));
  on(['timeline', 'loaded', 'lang'], build);
  on(['step'], move);
}

function add(options) {
  const made = chart({ ...options, choose: goTo });
  charts.push(made);
  return made.figure;
}

// The recorded, predicted and sent values of one number of the action.
function linesOf(index) {
  const lines = [];
  const base = firstTimeline();
  const of = rows => rows.map(row => row?.[index] ?? null);
  if (base.recorded.some(Boolean)) lines.push({ values: of(base.recorded), style: 'recorded', name: t(data.episode.recordedBy) });
  if (base.sent.some(Boolean)) lines.push({ values: of(base.sent), style: 'sent', name: t('sent') });
  policies().forEach((policy, p) => {
    const timeline = data.timelines.get(policy.name);
    if (timeline?.predicted.length > 0) lines.push({ values: of(timeline.predicted), style: `s${p}`, name: policies().length > 1 ? `${t('predicted')} ${'AB'[p]}` : t('predicted') });
  });
  return lines;
}

function actionCharts(base) {
  const figures = data.episode.actions.map((action, index) =>
    add({ title: action.name, unit: action.unit, first: base.first, end: base.end, series: linesOf(index) }));
  return [legend(linesOf(0).map(line => [line.name, line.style])), ...figures];
}

function traceCharts() {
  const figures = [];
  for (const [p, policy] of policies().entries()) {
    const timeline = data.timelines.get(policy.name);
    if (!timeline) continue;
    const name = policies().length > 1 ? `${'AB'[p]} · ` : '';
    const place = { first: timeline.first, end: timeline.end };
    if (timeline.score.some(value => value !== null)) {
      figures.push(add({ ...place, title: `${name}${t('monitor')}`, unit: t('threshold', timeline.threshold.toFixed(2)), range: [0, 1], series: [{ values: timeline.score, style: `s${p}` }],
        levels: [{ value: timeline.threshold, name: t('threshold', timeline.threshold.toFixed(2)) }] }));
    } else figures.push(el('p', { className: 'note', textContent: `${name}${t('noMonitor')}` }));
    if (timeline.effect.some(value => value !== null)) {
      figures.push(add({ ...place, title: `${name}${t('counterfactual')}`, unit: `“${timeline.other}”`, series: [{ values: timeline.effect, style: `s${p}` }],
        levels: timeline.noise === null ? [] : [{ value: 3 * timeline.noise, name: t('threeNoise') }] }));
    } else figures.push(el('p', { className: 'note', textContent: `${name}${t('noOther')}` }));
  }
  return figures;
}

export function plotDrawings() {
  return charts.map(each => ({ drawing: each.drawing, title: each.drawing.getAttribute('aria-label') }));
}

export function focusOther() {
  const input = document.getElementById('other');
  if (input && !input.closest('form').hidden) input.focus();
}
