// Whether what is drawn is faithful, always in sight.
import { el } from './dom.js';
import { state, on } from './state.js';
import { data, policies, verdictKey, methodOf, wordName } from './data.js';
import { t } from './texts.js';

export function makeFaithfulness(root) {
  const update = () => {
    root.hidden = policies().length === 0;
    root.setAttribute('aria-label', t('faithfulness'));
    root.replaceChildren(...policies().map(card));
  };
  on(['loaded', 'verdicts', 'maps', 'step', 'word', 'lang', 'method', 'layer', 'head', 'target'], update);
}

function signed(value) {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

function card(policy, index) {
  const found = data.verdicts.get(verdictKey(policy));
  const map = data.maps.get(policy.name);
  const verdict = found?.verdict;
  const name = policies().length > 1 ? `${'AB'[index]} · ` : '';
  const word = map?.ofWords === false ? t('direction') : wordName(state.word);
  const head = `${name}${t('mapOf', t(methodOf(policy)), word)}`;
  const lift = state.word !== null && map?.ofWords ? map.lift[state.word] : null;
  const lines = [];
  if (found && found.score !== null && verdict) {
    lines.push(t('score', signed(found.score)), t('against', signed(found.random[0]), signed(found.random[1]), signed(found.centred[0]), signed(found.centred[1])));
  } else if (verdict) lines.push(t('effectBelow', found.effect.toPrecision(2), found.noise.toPrecision(2)));
  if (lift !== null && lift !== undefined) lines.push(t('lift', lift.toFixed(1)));
  const said = verdict ? t(verdict) : found?.error ?? data.problems.get(policy.name) ?? (state.playing ? t('notMeasured') : t('measuring'));
  return el('div', { className: `verdict ${verdict === 'faithful' ? 'good' : verdict ? 'bad' : ''}` },
    el('span', { className: 'label', textContent: head }), el('strong', { className: 'outcome', textContent: said }), el('span', { className: 'label', textContent: lines.join(' · ') }));
}
