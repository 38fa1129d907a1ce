// The words by their weight on the patch under the pointer.
import { el } from './dom.js';
import { state, on } from './state.js';
import { data, policies } from './data.js';
import { t } from './texts.js';

export function makePatch(root) {
  const title = el('h2');
  const place = el('p', { className: 'note' });
  const list = el('ol', { className: 'words' });
  root.append(title, place, list);
  const update = () => {
    title.textContent = t('patch');
    const patch = state.patch;
    const policy = patch && policies().find(p => p.name === patch.policy);
    const map = policy && data.maps.get(policy.name);
    root.hidden = policies().length === 0;
    if (!map) {
      place.textContent = t('patchHint');
      list.replaceChildren();
      return;
    }
    const index = patch.camera * policy.rows * policy.columns + patch.row * policy.columns + patch.column;
    place.textContent = t('patchAt', patch.row + 1, patch.column + 1, data.episode.cameras[patch.camera].name);
    const rows = map.rows.map((row, word) => ({ value: row[index], text: map.ofWords ? map.words[word] : t('direction') })).sort((a, b) => b.value - a.value);
    const most = Math.max(1, rows[0].value);
    list.replaceChildren(...rows.map(({ value, text }) => {
      const bar = el('span', { className: 'share' });
      bar.style.width = `${Math.max(0, 100 * value / most)}%`;
      return el('li', {}, el('span', { className: 'text', textContent: text }), el('span', { className: 'track' }, bar), el('span', { className: 'value', textContent: t('times', value.toFixed(2)) }));
    }));
  };
  on(['patch', 'maps', 'loaded', 'lang'], update);
}
