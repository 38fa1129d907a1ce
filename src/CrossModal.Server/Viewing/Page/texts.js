// What the page says, in the reader's language.
import { ENGLISH } from './english.js';
import { CHINESE } from './chinese.js';
import { SENTENCES } from './sentences.js';

let texts = ENGLISH;

export function useLanguage(language) {
  const chinese = `${language ?? ''}`.toLowerCase().startsWith('zh');
  texts = chinese ? CHINESE : ENGLISH;
  document.documentElement.lang = chinese ? 'zh-CN' : 'en';
  return chinese ? 'zh' : 'en';
}

export function t(name, ...values) {
  return filled(texts[name] ?? ENGLISH[name] ?? name, values);
}

// What the server said.
export function said(message) {
  const bare = message.replace(/ \(Parameter '\w+'\)$/, '');
  if (texts === ENGLISH) return bare;
  for (const [english, chinese] of SENTENCES) {
    const found = bare.match(new RegExp(`^${english.split(/\{\d\}/).map(escaped).join('(.*)')}$`, 's'));
    if (found) return filled(chinese, found.slice(1));
  }
  return bare;
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function filled(text, values) {
  return text.replace(/\{(\d)\}/g, (_, index) => values[Number(index)]);
}
