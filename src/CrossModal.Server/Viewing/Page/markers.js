// What happens in an episode, and when: the gripper, the monitor, the counterfactual.
import { data, firstTimeline, gripperIndex, policies } from './data.js';

// Steps with what begins there; a disagreement has an end too.
export function markers() {
  const base = firstTimeline();
  if (!base) return [];
  const found = [];
  gripper(done(base), base.first, found);
  policies().forEach((policy, index) => {
    const timeline = data.timelines.get(policy.name);
    if (!timeline) return;
    const stop = timeline.stop.indexOf(true);
    if (stop >= 0) found.push({ kind: 'stops', step: timeline.first + stop, policy: index });
    runs(timeline.differs).forEach(([from, to]) => found.push({ kind: 'differs', step: timeline.first + from, end: timeline.first + to, policy: index }));
  });
  return found.sort((a, b) => a.step - b.step);
}

// The actions that the robot carried out: those sent, else those of a recording, else the policy's.
function done(base) {
  if (base.sent.some(Boolean)) return base.sent;
  return base.predicted.length === 0 || data.episode.recordedBy === 'recording' ? base.recorded : base.predicted;
}

function gripper(rows, first, found) {
  const index = gripperIndex();
  const values = index < 0 ? [] : rows.map(row => row?.[index] ?? null);
  const known = values.filter(value => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  if (!(low < high)) return;
  const closed = values.map(value => value !== null && value > (low + high) / 2);
  for (let i = 1; i < closed.length; i++) if (closed[i] !== closed[i - 1]) found.push({ kind: closed[i] ? 'closes' : 'opens', step: first + i, policy: 0 });
}

function runs(flags) {
  const found = [];
  flags.forEach((flag, i) => {
    if (!flag) return;
    if (i > 0 && flags[i - 1]) found.at(-1)[1] = i;
    else found.push([i, i]);
  });
  return found;
}
