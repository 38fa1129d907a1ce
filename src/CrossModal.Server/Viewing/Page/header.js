// Which episode is shown, and the page's own settings.
import { el, options } from './dom.js';
import { state, set, on } from './state.js';
import { data } from './data.js';
import { t } from './texts.js';
import { openSave } from './save.js';
import { openHelp } from './help.js';

export const THEMES = ['auto', 'light', 'dark'];

export function makeHeader(root) {
  const title = el('h1');
  const label = el('label', { htmlFor: 'episode' });
  const select = el('select', { id: 'episode', onchange: () => set({ episode: select.value, step: 0 }) });
  const [back, next] = [['‹', -1], ['›', 1]].map(([text, by]) => el('button', { type: 'button', textContent: text, onclick: () => toEpisode(by) }));
  const outcome = el('span', { className: 'state' });
  const follow = el('input', { type: 'checkbox', id: 'follow', onchange: () => set({ follow: follow.checked }) });
  const followLabel = el('label', { htmlFor: 'follow' });
  const followRow = el('span', { className: 'check' }, follow, followLabel);
  const save = el('button', { type: 'button', onclick: openSave });
  const theme = el('select', { id: 'theme', onchange: () => set({ theme: theme.value === 'auto' ? null : theme.value }) });
  const language = el('button', { type: 'button', onclick: swapLanguage });
  const help = el('button', { type: 'button', textContent: '?', onclick: openHelp });
  root.append(title, el('div', { className: 'episode' }, label, back, select, next, outcome, followRow), el('div', { className: 'tools' }, save, theme, language, help));

  const update = () => {
    title.textContent = data.about.live ? `${data.about.title} · ${t('live')}` : data.about.title;
    document.title = `${data.about.title} · CrossModal`;
    [label.textContent, followLabel.textContent, save.textContent, language.textContent] = [t('episode'), t('follow'), t('save'), t('language')];
    back.setAttribute('aria-label', t('previousEpisode'));
    next.setAttribute('aria-label', t('nextEpisode'));
    help.setAttribute('aria-label', t('help'));
    theme.setAttribute('aria-label', t('theme'));
    language.lang = document.documentElement.lang.startsWith('zh') ? 'en' : 'zh-CN';
    options(theme, THEMES.map(name => [name, t(`theme${name[0].toUpperCase()}${name.slice(1)}`)]), state.theme ?? 'auto');
    followRow.hidden = !data.about.live;
    follow.checked = state.follow;
    options(select, data.episodes.map(each => [each.id, nameOf(each)]), state.episode);
    select.disabled = data.episodes.length === 0;
    back.disabled = next.disabled = data.episodes.length < 2;
    save.disabled = !data.episode || data.episode.end <= data.episode.first;
    const { episode } = data;
    outcome.className = 'state';
    outcome.textContent = data.waiting && !data.about.live ? t('loading') : '';
    if (data.waiting || !episode) return;
    if (episode.success !== undefined) {
      outcome.textContent = episode.success ? t('succeeded') : t('failed', t(episode.reason));
      outcome.classList.add(episode.success ? 'good' : 'bad');
    } else outcome.textContent = t('steps', episode.end - episode.first);
  };
  on(['episodes', 'episode', 'loaded', 'lang', 'theme', 'follow', 'waiting', 'timeline'], update);
}

function nameOf(each) {
  return `${each.name}: ${each.instruction || t('noInstruction')}${each.success === undefined ? '' : each.success ? ' ✓' : ' ✕'}`;
}

export function toEpisode(by) {
  const at = data.episodes.findIndex(each => each.id === state.episode);
  const count = data.episodes.length;
  if (count > 1) set({ episode: data.episodes[(at + by + count) % count].id, step: 0, playing: false });
}

export function swapLanguage() {
  set({ lang: document.documentElement.lang.startsWith('zh') ? 'en' : 'zh' });
}
