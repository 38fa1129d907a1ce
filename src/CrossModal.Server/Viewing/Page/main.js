// The page: its parts, and what happens when a choice changes.
import { el } from './dom.js';
import { openSaved, savedStart } from './api.js';
import { state, set, on, emit, readAddress } from './state.js';
import { useLanguage, t } from './texts.js';
import { data, loadAbout, loadEpisodes, loadEpisode, loadMaps, reloadWord, goTo, say, textOf } from './data.js';
import { makeHeader } from './header.js';
import { makeChips } from './chips.js';
import { makeCameras } from './cameras.js';
import { makeControls } from './controls.js';
import { makeHeads } from './heads.js';
import { makePatch } from './patch.js';
import { makePlots } from './plots.js';
import { makeScrubber } from './scrubber.js';
import { makeFaithfulness } from './faithfulness.js';
import { listenToKeys } from './keys.js';
import { watch } from './live.js';

function build() {
  const part = (tag, className, make) => {
    const root = el(tag, { className });
    make(root);
    return root;
  };
  const message = el('p', { id: 'message', role: 'status', hidden: true });
  on(['message'], () => {
    message.textContent = data.message;
    message.hidden = data.message === '';
  });
  document.getElementById('app').append(
    part('header', 'top', makeHeader), message,
    el('main', {},
      part('div', 'chips', makeChips),
      el('div', { className: 'middle' },
        el('div', { className: 'shown' }, part('div', 'pictures', makeCameras), part('section', 'box patch', makePatch)),
        el('div', { className: 'side' }, part('div', 'controls', makeControls), part('section', 'box', makeHeads)),
        part('section', 'below', makePlots))),
    el('footer', { className: 'dock' }, part('div', 'verdicts', makeFaithfulness), part('div', 'scrubber', makeScrubber)));
}

// What a link says is taken where it means something, and named where it does not.
function check() {
  const { episode } = data;
  const wrong = [];
  if (episode.end > episode.first && (state.step < episode.first || state.step >= episode.end)) {
    if (state.step !== 0) wrong.push(t('wrongStep', state.step, episode.first, episode.end - 1));
    set({ step: Math.max(episode.first, Math.min(state.step, episode.end - 1)) });
  }
  if (state.word !== null && state.word >= episode.words.length) {
    wrong.push(t('wrongWord', state.word + 1, episode.words.length));
    set({ word: null });
  }
  const policy = data.about.policies.find(p => episode.policies.includes(p.name) && p.methods);
  if (policy && state.method !== null && !policy.methods.some(m => m.name === state.method)) {
    wrong.push(t('wrongMethod', state.method));
    set({ method: null });
  }
  if (policy && state.target !== null && !policy.targets.includes(state.target)) {
    wrong.push(t('wrongTarget', state.target));
    set({ target: null });
  }
  if (wrong.length > 0) say(wrong.join(' '));
}

function react() {
  on(['lang'], () => { useLanguage(state.lang); emit('maps', 'verdicts', 'heads'); });
  on(['theme'], () => {
    if (state.theme === 'light' || state.theme === 'dark') document.documentElement.dataset.theme = state.theme;
    else delete document.documentElement.dataset.theme;
  });
  on(['episode'], () => { if (state.episode !== null && state.episode !== data.episode?.id) openEpisode(); });
  on(['step', 'method', 'layer', 'head', 'target'], loadMaps);
  on(['playing'], () => { if (!state.playing) loadMaps(); });
  on(['word'], reloadWord);
}

async function openEpisode() {
  say('');
  await loadEpisode(state.episode);
  if (data.episode?.id !== state.episode) return;
  check();
  if (data.about.live && state.follow) goTo(data.episode.end - 1);
  await loadMaps();
}

async function start() {
  await openSaved();
  const { found, wrong } = readAddress(savedStart());
  await loadAbout();
  Object.assign(state, found);
  useLanguage(state.lang ?? data.about.language ?? navigator.language);
  build();
  react();
  listenToKeys();
  emit('theme');
  await loadEpisodes();
  if (wrong.length > 0) say(t('wrongLink', wrong.join(', ')));
  emit('lang');
  if (data.about.live) {
    state.episode = null;
    say(data.episodes.length === 0 ? t('waiting') : '');
    await watch();
    return;
  }
  const asked = state.episode;
  const known = data.episodes.some(each => each.id === asked);
  if (!known) Object.assign(state, { episode: data.episodes[0]?.id ?? null, step: asked === null ? state.step : 0 });
  emit('episodes');
  await openEpisode();
  if (asked !== null && !known) say(t('wrongEpisode', asked));
  else if (wrong.length > 0) say(t('wrongLink', wrong.join(', ')));
}

start().catch(error => {
  document.getElementById('app').append(el('p', { id: 'message', role: 'alert', textContent: textOf(error) }));
});
