// Which map is drawn: method, layer, head, what of the action is explained, and how.
import { el, options } from './dom.js';
import { state, set, on } from './state.js';
import { data, policies, methodOf, isOfWords } from './data.js';
import { t } from './texts.js';

export function makeControls(root) {
  const field = name => {
    const label = el('label', { htmlFor: name });
    const select = el('select', { id: name });
    return { label, select, row: el('div', { className: 'field' }, label, select) };
  };
  const [method, layer, head, target] = ['method', 'layer', 'head', 'target'].map(field);
  const box = name => {
    const input = el('input', { type: 'checkbox', id: name, onchange: () => set({ [name]: input.checked }) });
    const label = el('label', { htmlFor: name });
    return { input, label, row: el('div', { className: 'check' }, input, label) };
  };
  const [smooth, plain] = ['smooth', 'plain'].map(box);
  const note = el('p', { className: 'note' });
  root.append(method.row, layer.row, head.row, target.row, el('div', { className: 'checks' }, smooth.row, plain.row), note);
  method.select.addEventListener('change', () => choose(method.select.value));
  layer.select.addEventListener('change', () => set({ layer: layer.select.value || null, head: null }));
  head.select.addEventListener('change', () => set({ head: head.select.value === '' ? null : Number(head.select.value) }));
  target.select.addEventListener('change', () => set({ target: target.select.value === 'direction' ? null : target.select.value }));

  const update = () => {
    const [first] = policies();
    root.hidden = !first;
    if (!first) return;
    for (const [each, name] of [[method, 'method'], [layer, 'layer'], [head, 'head'], [target, 'target'], [smooth, 'smooth'], [plain, 'plain']]) each.label.textContent = t(name);
    options(method.select, methods().map(name => [name, t(name)]), methodOf(first));
    const isRaw = policies().some(policy => methodOf(policy) === 'raw');
    layer.row.hidden = head.row.hidden = !isRaw;
    options(layer.select, layerChoices(), state.layer ?? '');
    options(head.select, headChoices(), state.head === null ? '' : `${state.head}`);
    const isOfTarget = policies().some(policy => policy.methods.find(m => m.name === methodOf(policy))?.ofTarget);
    target.row.hidden = !isOfTarget;
    options(target.select, targets().map(name => [name, name === 'direction' || name === 'gripper' ? t(name) : name.replace('-', '−')]), state.target ?? 'direction');
    [smooth.input.checked, plain.input.checked] = [state.smooth, state.plain];
    note.textContent = isOfWords() ? '' : t('wholeDecision');
  };
  on(['loaded', 'maps', 'method', 'layer', 'head', 'target', 'smooth', 'plain', 'lang'], update);
}

export function methods() {
  return policies()[0]?.methods.map(m => m.name) ?? [];
}

export function targets() {
  return policies()[0]?.targets ?? ['direction'];
}

export function choose(method) {
  set(method === 'raw' ? { method } : { method, layer: null, head: null });
}

// Layers of the policy that shows raw attention, with their heads.
function layers() {
  for (const policy of policies()) if (methodOf(policy) === 'raw' && data.maps.has(policy.name)) return data.maps.get(policy.name).layers;
  return [];
}

function shownLayer() {
  return policies().map(policy => data.maps.get(policy.name)?.layer).find(Boolean) ?? null;
}

export function layerChoices() {
  if (data.about.saved) return [[state.layer ?? '', state.layer ?? t('sharpest')]];
  return [['', shownLayer() && state.layer === null ? t('sharpestIs', shownLayer()) : t('sharpest')], ...layers().map(({ name }) => [name, name])];
}

export function headChoices() {
  if (data.about.saved) return [[state.head === null ? '' : `${state.head}`, state.head === null ? t('mean') : `${state.head}`]];
  const count = layers().find(({ name }) => name === (state.layer ?? shownLayer()))?.heads ?? 0;
  return [['', t('mean')], ...Array.from({ length: count }, (_, i) => [`${i}`, `${i}`])];
}
