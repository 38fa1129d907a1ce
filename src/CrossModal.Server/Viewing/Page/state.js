// What is chosen on the page, kept in the address so that a link leads to the same view.
const KEYS = {
  e: 'episode', t: 'step', w: 'word', m: 'method', l: 'layer', h: 'head', g: 'target', x: 'other', s: 'smooth', o: 'plain', lang: 'lang', theme: 'theme',
};
const NUMBERS = ['step', 'word', 'head'];
const FLAGS = ['smooth', 'plain'];

export const state = {
  episode: null, step: 0, word: null, method: null, layer: null, head: null, target: null, other: null, smooth: false, plain: false,
  lang: null, theme: null, hover: null, patch: null, playing: false, follow: true,
};

const listeners = [];

export function on(names, listener) {
  listeners.push([new Set(names), listener]);
}

// Tells every listener once, however many of its names changed.
export function emit(...names) {
  for (const [wanted, listener] of listeners) if (names.some(name => wanted.has(name))) listener();
}

export function set(changes) {
  const changed = Object.keys(changes).filter(key => state[key] !== changes[key]);
  if (changed.length === 0) return;
  Object.assign(state, changes);
  write();
  emit(...changed);
}

function write() {
  const parts = new URLSearchParams();
  for (const [short, key] of Object.entries(KEYS)) {
    const value = state[key];
    if (value === null || value === false || value === '') continue;
    parts.set(short, value === true ? '1' : value);
  }
  const hash = `#${parts}`;
  if (hash !== location.hash) history.replaceState(null, '', hash);
}

// What the address says; what it says wrongly is named in a list.
export function readAddress(otherwise) {
  const wrong = [];
  const found = {};
  for (const [short, value] of new URLSearchParams(location.hash.slice(1) || otherwise)) {
    const key = KEYS[short];
    if (!key) wrong.push(short);
    else if (NUMBERS.includes(key)) {
      if (/^\d{1,7}$/.test(value)) found[key] = Number(value);
      else wrong.push(`${short}=${value}`);
    } else found[key] = FLAGS.includes(key) ? value === '1' : value;
  }
  return { found, wrong };
}
