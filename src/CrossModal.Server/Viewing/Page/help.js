// The list of keys.
import { el } from './dom.js';
import { data } from './data.js';
import { t } from './texts.js';

const KEYS = [
  ['← →', 'keyStep'], ['⇧ ← →', 'keyTen'], ['Home End', 'keyEnds'], ['␣', 'keyPlay'], ['[ ]', 'keyMarker'], ['PgUp PgDn', 'keyEpisode'], ['1 … 9', 'keyWord'], ['0', 'keyNoWord'],
  ['m', 'keyMethod'], ['l', 'keyLayer'], ['h', 'keyHead'], ['g', 'keyTarget'], ['i', 'keyPatch'], ['b', 'keySmooth'], ['o', 'keyPlain'], ['x', 'keyOther'], ['s', 'keySave'], ['c', 'keyLink'], ['t', 'keyTheme'],
  ['z', 'keyLanguage'], ['f', 'keyFollow'], ['?', 'keyHelp'],
];

export function openHelp() {
  const close = el('button', { type: 'button', textContent: t('close') });
  const rows = KEYS.filter(([key]) => key !== 'f' || data.about.live).map(([key, name]) => el('tr', {}, el('th', { scope: 'row' }, key.split(' ').map(part => el('kbd', { textContent: part }))), el('td', { textContent: t(name) })));
  openDialog(t('help'), el('table', { className: 'keys' }, el('tbody', {}, rows)), close);
}

// A dialog that leaves nothing behind once it is closed.
export function openDialog(title, ...content) {
  if (document.querySelector('dialog[open]')) return null;
  const heading = el('h2', { id: 'dialog', textContent: title });
  const dialog = el('dialog', {}, heading, ...content);
  dialog.setAttribute('aria-labelledby', 'dialog');
  dialog.addEventListener('close', () => dialog.remove());
  for (const button of dialog.querySelectorAll('button')) if (button.textContent === t('close')) button.addEventListener('click', () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
