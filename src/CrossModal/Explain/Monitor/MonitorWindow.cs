using System.Numerics.Tensors;

namespace CrossModal.Explain.Monitor;

/// <summary>Turns the numbers of each step into what a monitor's network is given: how they move from step to step, running means of that
/// movement over a window and over the episode, and how concentrated attention is.</summary>
/// <remarks>A robot that follows an instruction predicts the same place step after step, comes nearer to it, and keeps its direction; one
/// that does not changes its mind. Where things are and what they are is left out on purpose: it tells tasks apart, not success from
/// failure, and a network that is given it does worse on tasks it was not trained on (docs/monitor.md). Allocates nothing.</remarks>
internal sealed class MonitorWindow
{
    /// <summary>Share of the past in a running mean of the window: about five steps.</summary>
    private const float Decay = 0.8f;

    // Of the numbers of an attention: mass, concentration and spread, not where its centre is.
    private static readonly int[] Kept = [0, 1, 4];

    private readonly MonitorLayout _layout;
    private readonly float[] _last;
    private readonly float[] _moves;
    private readonly float[] _window;
    private readonly float[] _episode;
    private readonly float[] _effect;
    private readonly float[] _input;
    private int _steps;

    /// <summary>Prepares a window.</summary>
    /// <param name="layout">How the numbers of a step lie.</param>
    public MonitorWindow(MonitorLayout layout)
    {
        _layout = layout;
        var moves = MovesOf(layout);
        (_last, _moves, _window, _episode) = (new float[layout.Count], new float[moves], new float[moves], new float[moves]);
        (_effect, _input) = (new float[layout.EffectLength], new float[InputsOf(layout)]);
    }

    /// <summary>Numbers that <see cref="Next"/> gives for a layout.</summary>
    public static int InputsOf(MonitorLayout layout) => 3 * MovesOf(layout) + Kept.Length * layout.Layers + layout.EffectLength;

    /// <summary>Steps since the episode began.</summary>
    public int Steps => _steps;

    /// <summary>Begins an episode.</summary>
    public void Restart()
    {
        _steps = 0;
        Array.Clear(_window);
        Array.Clear(_episode);
        Array.Clear(_effect);
    }

    /// <summary>Takes a step.</summary>
    /// <param name="signals">Its numbers, <c>[F]</c>; the counterfactual effect counts at the steps that have it, and is held until the
    /// next.</param>
    /// <returns>The input of the network; overwritten by the next step.</returns>
    public ReadOnlySpan<float> Next(ReadOnlySpan<float> signals)
    {
        Move(signals);
        if (_layout.HasEffectAt(_steps) && signals.Slice(_layout.CounterfactualAt, _effect.Length) is var effect
            && float.IsFinite(effect[0] + effect[1] + effect[2]))
            effect.CopyTo(_effect);
        _steps++;
        var weight = (1 - Decay) / (1 - MathF.Pow(Decay, _steps));
        for (var i = 0; i < _moves.Length; i++)
        {
            _window[i] += weight * (_moves[i] - _window[i]);
            _episode[i] += (_moves[i] - _episode[i]) / _steps;
        }

        var input = _input.AsSpan();
        _moves.CopyTo(input);
        _window.CopyTo(input[_moves.Length..]);
        _episode.CopyTo(input[(2 * _moves.Length)..]);
        var at = 3 * _moves.Length;
        for (var layer = 0; layer < _layout.Layers; layer++)
            foreach (var number in Kept) input[at++] = signals[_layout.AttentionAt + AttentionSummary.Length * layer + number];
        _effect.CopyTo(input[at..]);
        signals.CopyTo(_last);
        return input;
    }

    // Fused feature, direction, size and reversal of the action, gripper's logit, each point, distance to each point, state, state against
    // action, and of each attention the shift of its centre and the change of its concentration.
    private static int MovesOf(MonitorLayout l) => 7 + 2 * l.Points + 2 * l.Layers;

    private void Move(ReadOnlySpan<float> now)
    {
        var (l, first, at) = (_layout, _steps == 0, 0);
        ReadOnlySpan<float> last = _last;
        var action = now.Slice(l.ActionAt, l.Actions);
        var before = last.Slice(l.ActionAt, l.Actions);
        var state = now.Slice(l.StateAt, l.States);
        _moves[at++] = first ? 0 : TensorPrimitives.Distance(now[..l.Fused], last[..l.Fused]) / (1e-3f + Norm(now[..l.Fused]));
        _moves[at++] = first ? 1 : Cosine(action, before);
        _moves[at++] = Norm(action);
        _moves[at++] = first ? 0 : Reversed(action, before);
        _moves[at++] = first || !l.Gripper ? 0
            : MathF.Abs(MathF.Tanh(now[l.GripperAt] / 4) - MathF.Tanh(last[l.GripperAt] / 4));
        _moves[at++] = first || l.States == 0 ? 0 : TensorPrimitives.Distance(state, last.Slice(l.StateAt, l.States));
        var axes = Math.Min(Math.Min(3, l.States), l.Actions);
        _moves[at++] = first || axes == 0 ? 1 : Along(state[..axes], last.Slice(l.StateAt, axes), before[..axes]);
        for (var p = 0; p < l.Points; p++)
        {
            var point = now.Slice(l.PointsAt + 3 * p, 3);
            _moves[at++] = first ? 0 : TensorPrimitives.Distance(point, last.Slice(l.PointsAt + 3 * p, 3));
            _moves[at++] = l.States < 3 ? 0 : TensorPrimitives.Distance(point, state[..3]);
        }

        for (var a = 0; a < l.Layers; a++)
        {
            var here = now.Slice(l.AttentionAt + AttentionSummary.Length * a, AttentionSummary.Length);
            var there = last.Slice(l.AttentionAt + AttentionSummary.Length * a, AttentionSummary.Length);
            _moves[at++] = first ? 0 : TensorPrimitives.Distance(here.Slice(2, 2), there.Slice(2, 2));
            _moves[at++] = first ? 0 : MathF.Abs(here[1] - there[1]);
        }
    }

    private static float Norm(ReadOnlySpan<float> x) => TensorPrimitives.Norm(x);

    private static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        TensorPrimitives.Dot(a, b) / (1e-6f + Norm(a) * Norm(b));

    /// <summary>Share of the numbers whose sign turned.</summary>
    private static float Reversed(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var turned = 0;
        for (var i = 0; i < a.Length; i++)
            if (a[i] * b[i] < 0) turned++;
        return a.Length == 0 ? 0 : (float)turned / a.Length;
    }

    /// <summary>Cosine between how the state moved and what was commanded.</summary>
    private static float Along(ReadOnlySpan<float> now, ReadOnlySpan<float> then, ReadOnlySpan<float> commanded)
    {
        float dot = 0, moved = 0;
        for (var i = 0; i < now.Length; i++)
        {
            var step = now[i] - then[i];
            dot += step * commanded[i];
            moved += step * step;
        }

        return dot / (1e-6f + MathF.Sqrt(moved) * Norm(commanded));
    }
}
