// Every head of every layer, small, best first.
import { el } from './dom.js';
import { state, set, on } from './state.js';
import { data, policies, wordName } from './data.js';
import { drawSmall } from './colors.js';
import { t } from './texts.js';

const MOST = 64;

export function makeHeads(root) {
  const title = el('h2');
  const note = el('p', { className: 'note' });
  const grid = el('div', { className: 'heads' });
  root.append(title, note, grid);
  const build = () => {
    const heads = data.heads ?? [];
    root.hidden = heads.length === 0;
    title.textContent = t('heads');
    const byLift = heads.some(h => h.lift !== null);
    note.textContent = byLift ? t('headsByLift', wordName(state.word)) : state.word === null ? t('headsOfAll') : t('headsByConcentration', wordName(state.word));
    grid.replaceChildren(...heads.slice(0, MOST).map(head => {
      const [short, figure] = head.lift !== null ? [t('times', head.lift.toFixed(1)), t('lift', head.lift.toFixed(1))]
        : [head.concentration.toFixed(2), t('concentration', head.concentration.toFixed(2))];
      const canvas = el('canvas');
      drawSmall(canvas, head.values, policies()[0], data.about.scale);
      canvas.setAttribute('aria-hidden', 'true');
      const button = el('button', { type: 'button', className: 'head', title: head.layer }, canvas, el('span', { textContent: `${shortName(head.layer)} · ${head.head}` }), el('span', { className: 'note', textContent: short }));
      button.setAttribute('aria-label', t('headOf', head.layer, head.head, figure));
      button.addEventListener('click', () => set({ method: 'raw', layer: head.layer, head: head.head }));
      button.dataset.key = `${head.layer} ${head.head}`;
      return button;
    }));
    update();
  };
  const update = () => {
    for (const button of grid.querySelectorAll('.head')) button.setAttribute('aria-pressed', button.dataset.key === `${state.layer} ${state.head}` ? 'true' : 'false');
  };
  on(['heads', 'loaded', 'lang'], build);
  on(['layer', 'head'], update);
}

// The part of a layer's name that tells it from the others.
function shortName(layer) {
  return layer.replace(/^fusion\./, '').replace(/layers\./, 'L').replace(/_?(attention|attn)$/, '').replace(/\.$/, '');
}
