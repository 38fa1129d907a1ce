// What the page says, in the reader's language.
import { ENGLISH } from './english.js';
import { CHINESE } from './chinese.js';

let texts = ENGLISH;

export function useLanguage(language) {
  const chinese = `${language ?? ''}`.toLowerCase().startsWith('zh');
  texts = chinese ? CHINESE : ENGLISH;
  document.documentElement.lang = chinese ? 'zh-CN' : 'en';
  return chinese ? 'zh' : 'en';
}

export function t(name, ...values) {
  const text = texts[name] ?? ENGLISH[name] ?? name;
  return text.replace(/\{(\d)\}/g, (_, index) => values[Number(index)]);
}
