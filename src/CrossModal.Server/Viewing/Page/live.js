// Asks again and again for what clients send now.
import { state, set, emit } from './state.js';
import { data, loadEpisodes, loadTimelines, say, textOf, goTo } from './data.js';

const PERIOD = 500;

export async function watch() {
  for (;;) {
    try {
      await round();
    } catch (error) {
      say(textOf(error));
    }
    await new Promise(resolve => { setTimeout(resolve, PERIOD); });
  }
}

async function round() {
  if (document.hidden) return;
  await loadEpisodes();
  const newest = data.episodes.at(-1);
  if (!newest) return;
  if (state.episode === null || (state.follow && state.episode !== newest.id) || !data.episodes.some(e => e.id === state.episode)) {
    set({ episode: newest.id, step: 0, follow: true });
    return;
  }
  if (!data.episode || data.episode.id !== state.episode) return;
  const before = data.episode.end;
  await loadTimelines();
  const timeline = data.timelines.values().next().value;
  if (!timeline) return;
  data.episode.first = Math.max(data.episode.first, timeline.end - 600);
  if (state.follow && data.episode.end !== before) goTo(data.episode.end - 1);
  else emit('timeline');
}
