// Every control from the keyboard.
import { state, set } from './state.js';
import { data, policies, methodOf, goTo } from './data.js';
import { pin } from './chips.js';
import { toMarker, togglePlay } from './scrubber.js';
import { methods, targets, choose, layerChoices, headChoices } from './controls.js';
import { toEpisode, swapLanguage, THEMES } from './header.js';
import { firstCanvas } from './cameras.js';
import { focusOther } from './plots.js';
import { openSave, copyLink } from './save.js';
import { openHelp } from './help.js';

function after(list, value) {
  return list[(list.indexOf(value) + 1) % list.length];
}

function nextMethod() {
  const [policy] = policies();
  if (policy) choose(after(methods(), methodOf(policy)));
}

function nextOf(choices, name, convert) {
  const values = choices.map(([value]) => value);
  const value = after(values, state[name] === null ? '' : `${state[name]}`);
  return value === '' || value === undefined ? null : convert(value);
}

const isRaw = () => policies().some(policy => methodOf(policy) === 'raw');

const actions = {
  ArrowLeft: event => goTo(state.step - (event.shiftKey ? 10 : 1)), ArrowRight: event => goTo(state.step + (event.shiftKey ? 10 : 1)),
  Home: () => goTo(data.episode?.first ?? 0), End: () => goTo((data.episode?.end ?? 1) - 1), ' ': togglePlay, '[': () => toMarker(-1), ']': () => toMarker(1),
  PageUp: () => toEpisode(-1), PageDown: () => toEpisode(1), 0: () => pin(null), m: nextMethod,
  l: () => { if (isRaw()) set({ layer: nextOf(layerChoices(), 'layer', String), head: null }); },
  h: () => { if (isRaw()) set({ head: nextOf(headChoices(), 'head', Number) }); },
  g: () => { const next = after(targets(), state.target ?? 'direction'); set({ target: next === 'direction' ? null : next }); },
  i: () => firstCanvas()?.focus({ focusVisible: true }), b: () => set({ smooth: !state.smooth }), o: () => set({ plain: !state.plain }), x: focusOther, s: openSave, c: copyLink,
  t: () => { const next = after(THEMES, state.theme ?? 'auto'); set({ theme: next === 'auto' ? null : next }); },
  z: swapLanguage, f: () => { if (data.about.live) set({ follow: !state.follow }); }, '?': openHelp,
};
for (let i = 1; i <= 9; i++) actions[i] = () => pin(i - 1);

export function listenToKeys() {
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    const { target } = event;
    if (target.matches('input[type=text]')) {
      if (event.key === 'Escape') target.blur();
      return;
    }
    // Keys that a control takes for itself.
    if (target.matches('select') && event.key !== '?') return;
    if (target.matches('button, input[type=checkbox]') && (event.key === ' ' || event.key === 'Enter')) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action(event);
  });
}
