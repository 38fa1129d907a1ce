// What the server said of what is chosen, and when it is asked.
import { ask } from './api.js';
import { state, set, emit } from './state.js';
import { t, said } from './texts.js';

const VERDICT_DELAY = 250;
const HEADS_DELAY = 120;

export const data = {
  about: null, episodes: [], episode: null, timelines: new Map(), maps: new Map(), heads: null, verdicts: new Map(), problems: new Map(), message: '', waiting: false,
};

const running = new Map();
const timers = new Map();

export function say(message) {
  data.message = message;
  emit('message');
}

export function textOf(error) {
  if (error.isGone) return t('gone');
  return error.isNotSaved ? t('notMeasured') : t('failedTo', said(error.message));
}

// The policies of the present episode.
export function policies() {
  const names = data.episode?.policies ?? [];
  return data.about.policies.filter(policy => names.includes(policy.name) && policy.methods);
}

export function methodOf(policy) {
  return state.method ?? policy.method;
}

export function isOfWords() {
  const shown = [...data.maps.values()];
  return shown.length === 0 || shown.some(map => map.ofWords);
}

export function wordShown() {
  return state.hover ?? state.word;
}

export function wordName(word) {
  return word === null ? t('allWords') : data.episode?.words[word]?.text ?? '';
}

// The map of a policy that is drawn: for each patch, camera after camera, the multiple of an even weight.
export function shownValues(policy) {
  const map = data.maps.get(policy.name);
  if (!map || map.step !== state.step) return null;
  const word = wordShown();
  if (!map.ofWords) return map.rows[0];
  if (word !== null && map.rows[word]) return map.rows[word];
  map.mean ??= map.rows[0].map((_, patch) => map.rows.reduce((sum, row) => sum + row[patch], 0) / map.rows.length);
  return map.mean;
}

// Begins a question of a kind, ending the one of that kind before it.
function begin(kind) {
  running.get(kind)?.abort();
  clearTimeout(timers.get(kind));
  const controller = new AbortController();
  running.set(kind, controller);
  return controller.signal;
}

async function quietly(work) {
  try {
    await work();
  } catch (error) {
    if (error.name !== 'AbortError') say(textOf(error));
  }
}

export async function loadAbout() {
  data.about = await ask('about');
}

export async function loadEpisodes() {
  const before = data.episodes.length;
  data.episodes = (await ask('episodes')).episodes;
  emit('episodes');
  return data.episodes.length !== before;
}

export async function loadEpisode(id) {
  const signal = begin('episode');
  data.waiting = true;
  emit('waiting');
  await quietly(async () => {
    const episode = await ask('episode', { episode: id }, { signal });
    Object.assign(data, { episode, maps: new Map(), verdicts: new Map(), heads: null, timelines: new Map(), problems: new Map() });
    emit('loaded');
    await loadTimelines();
    if (!data.about.live && data.episodes.find(e => e.id === id)?.length === null) await loadEpisodes();
  });
  data.waiting = false;
  emit('waiting');
}

export function otherOf() {
  return state.other ?? data.episode?.other ?? '';
}

// What was recorded and decided over time; of a live episode only what is new.
export async function loadTimelines() {
  const signal = begin('timeline');
  const { episode } = data;
  for (const name of episode.policies.length > 0 ? episode.policies : ['']) {
    await quietly(async () => {
      const known = data.timelines.get(name);
      const isMore = data.about.live && known && known.other === otherOf();
      const parts = { episode: episode.id, other: otherOf(), policy: name };
      const answer = await ask('timeline', isMore ? { ...parts, from: known.end } : parts, { signal });
      if (data.episode !== episode) return;
      data.timelines.set(name, isMore && answer.first === known.end ? joined(known, answer) : { ...answer, other: otherOf() });
      episode.end = answer.end;
    });
  }
  emit('timeline');
}

function joined(known, more) {
  const result = { ...known, kept: more.kept, end: more.end, threshold: more.threshold ?? known.threshold, noise: more.noise ?? known.noise };
  for (const list of ['recorded', 'sent', 'predicted', 'score', 'stop', 'effect', 'differs']) result[list] = [...known[list], ...more[list]];
  return result;
}

// The numbers of the first timeline: every one has the same recorded actions.
export function firstTimeline() {
  return data.timelines.values().next().value ?? null;
}

function partsOf(policy, step) {
  const isRaw = methodOf(policy) === 'raw';
  return {
    episode: data.episode.id, policy: policy.name, step, method: methodOf(policy), layer: isRaw ? state.layer : null, head: isRaw ? state.head : null,
    target: state.target,
  };
}

export async function loadMaps() {
  if (!data.episode || data.episode.end <= data.episode.first) return;
  const signal = begin('maps');
  const step = state.step;
  data.problems.clear();
  await Promise.all(policies().map(policy => quietly(async () => {
    try {
      const map = await ask('maps', partsOf(policy, step), { signal, keep: true });
      data.maps.set(policy.name, { ...map, step });
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      data.maps.delete(policy.name);
      data.problems.set(policy.name, textOf(error));
    }
  })));
  if (signal.aborted) return;
  emit('maps');
  later('verdicts', VERDICT_DELAY, loadVerdicts);
  if (!data.about.saved) later('heads', HEADS_DELAY, loadHeads);
  if (state.playing) for (const policy of policies()) if (step + 1 < data.episode.end) ask('maps', partsOf(policy, step + 1), { keep: true }).catch(() => {});
}

function later(kind, delay, work) {
  const signal = begin(kind);
  timers.set(kind, setTimeout(() => { if (!state.playing && !signal.aborted) work(signal); }, delay));
}

// The pinned word counts, not the one under the pointer.
export function verdictKey(policy) {
  return JSON.stringify([partsOf(policy, state.step), state.word]);
}

async function loadVerdicts(signal) {
  for (const policy of policies()) {
    const key = verdictKey(policy);
    if (data.verdicts.has(key) || data.problems.has(policy.name)) continue;
    try {
      const parts = { ...partsOf(policy, state.step), word: isOfWords() ? state.word : null };
      data.verdicts.set(key, await ask('faithfulness', parts, { signal, keep: true }));
    } catch (error) {
      if (error.name === 'AbortError') return;
      data.verdicts.set(key, { error: textOf(error) });
    }
    emit('verdicts');
  }
}

async function loadHeads(signal) {
  const policy = policies()[0];
  if (!policy || !isOfWords()) return;
  await quietly(async () => {
    const parts = { episode: data.episode.id, policy: policy.name, step: state.step, word: state.word };
    try {
      data.heads = (await ask('heads', parts, { signal, keep: true })).heads;
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      data.heads = [];
    }
    emit('heads');
  });
}

export function reloadWord() {
  later('verdicts', VERDICT_DELAY, loadVerdicts);
  if (!data.about.saved) later('heads', HEADS_DELAY, loadHeads);
}

// The first of the numbers of an action that opens and closes a gripper; −1 when none is known to.
export function gripperIndex() {
  return (data.episode?.actions ?? []).findIndex(action => action.unit === '0 or 1' || /grip|close/i.test(action.name));
}

export function goTo(step) {
  const { episode } = data;
  if (!episode || episode.end <= episode.first) return;
  const last = episode.end - 1;
  set({ step: Math.max(episode.first, Math.min(last, step)), follow: step >= last });
}
