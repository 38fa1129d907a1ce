// The words of the instruction: hover shows a word's map, a click pins it.
import { el } from './dom.js';
import { state, set, on } from './state.js';
import { data, isOfWords } from './data.js';
import { t } from './texts.js';

export function makeChips(root) {
  const build = () => {
    const words = data.episode?.words ?? [];
    root.replaceChildren(...words.map((word, index) => {
      const chip = el('button', { type: 'button', className: word.known ? 'chip' : 'chip unknown', textContent: word.text, title: word.known ? '' : t('unknownWord') });
      chip.addEventListener('pointerenter', () => set({ hover: index }));
      chip.addEventListener('pointerleave', () => set({ hover: null }));
      chip.addEventListener('focus', () => { if (chip.matches(':focus-visible')) set({ hover: index }); });
      chip.addEventListener('blur', () => set({ hover: null }));
      chip.addEventListener('click', () => pin(index));
      return chip;
    }));
    if (data.episode && words.length === 0) root.append(el('span', { className: 'note', textContent: t('noInstruction') }));
    update();
  };
  const update = () => {
    const canShow = (data.episode?.policies.length ?? 0) > 0 && isOfWords();
    [...root.querySelectorAll('.chip')].forEach((chip, index) => {
      chip.setAttribute('aria-pressed', state.word === index ? 'true' : 'false');
      chip.disabled = !canShow;
    });
  };
  on(['loaded', 'lang'], build);
  on(['word', 'maps'], update);
}

export function pin(index) {
  if (index !== null && !(index < (data.episode?.words.length ?? 0))) return;
  set({ word: state.word === index ? null : index });
}
