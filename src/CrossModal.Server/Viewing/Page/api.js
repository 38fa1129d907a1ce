// Asks the server, or, in a saved page, looks up what was asked when it was saved.
const MOST_KEPT = 400;
const kept = new Map();
let saved = null;

export async function openSaved() {
  const element = document.getElementById('answers');
  if (!element) return;
  const bytes = Uint8Array.from(atob(element.textContent), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  saved = JSON.parse(await new Response(stream).text());
}

// The address that a saved page was saved at, without which it begins there.
export function savedStart() {
  return saved?.start ?? '';
}

function present(parts) {
  return Object.entries(parts).filter(([, value]) => value !== null && value !== undefined && value !== '').sort(([a], [b]) => (a < b ? -1 : 1));
}

function keyOf(name, parts) {
  const given = present(parts);
  return given.length === 0 ? name : `${name}?${given.map(([key, value]) => `${key}=${value}`).join('&')}`;
}

export function addressOf(name, parts = {}) {
  const query = new URLSearchParams(present(parts));
  return `api/${name}${`${query}` ? `?${query}` : ''}`;
}

async function fetched(name, parts, signal) {
  let response;
  try {
    response = await fetch(addressOf(name, parts), { signal });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    const gone = new Error('gone');
    gone.isGone = true;
    throw gone;
  }
  if (response.ok) return response;
  let message = `${response.status}`;
  try {
    message = (await response.json()).error ?? message;
  } catch {
    // No JSON: the status must do.
  }
  throw new Error(message);
}

// An answer as JSON; with keep, the last ones are kept.
export async function ask(name, parts = {}, { signal = undefined, keep = false } = {}) {
  const key = keyOf(name, parts);
  if (saved) {
    if (!(key in saved)) throw Object.assign(new Error('not saved'), { isNotSaved: true });
    if (saved[key].error) throw new Error(saved[key].error);
    return saved[key];
  }
  if (kept.has(key)) return refresh(key);
  const answer = await (await fetched(name, parts, signal)).json();
  if (keep) store(key, answer);
  return answer;
}

// A camera's picture at a step.
export async function picture(parts, signal) {
  const key = keyOf('frame', parts);
  if (kept.has(key)) return refresh(key);
  let blob;
  if (saved) blob = new Blob([Uint8Array.from(atob(saved[key] ?? ''), c => c.charCodeAt(0))], { type: 'image/png' });
  else blob = await (await fetched('frame', parts, signal)).blob();
  const bitmap = await createImageBitmap(blob);
  store(key, bitmap);
  return bitmap;
}

export async function file(name, parts) {
  return (await fetched(name, parts)).blob();
}

function refresh(key) {
  const value = kept.get(key);
  kept.delete(key);
  kept.set(key, value);
  return value;
}

function store(key, value) {
  kept.set(key, value);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
}
