using CrossModal.Explain.Monitor;
using CrossModal.Inference;
using CrossModal.Language;
using Stopwatch = System.Diagnostics.Stopwatch;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Policies;

/// <summary>The counterfactual effect of instructions, for those of a step that ask for it: what the step would have been without words,
/// by fusion and head once more on the tokens that it made of the picture.</summary>
/// <remarks>The picture is not encoded again, and the step itself stays as it is, bit for bit. Allocates nothing.</remarks>
internal sealed class WordlessStep
{
    private readonly Tensor _tokens;
    private readonly Tensor? _states;
    private readonly PolicyPlan _plan;
    private readonly int _each;
    private readonly bool[] _asked;
    private readonly float[] _effects;

    /// <summary>Compiles the rest of a step for one picture and an instruction of one unknown word.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="pictures">S, pictures of a step.</param>
    /// <param name="instructions">B, instructions of a step, a multiple of S.</param>
    /// <param name="options">How to compile.</param>
    /// <param name="weights">Packed weights, shared.</param>
    public WordlessStep(TrainedPolicy trained, int pictures, int instructions, SessionOptions options, CompiledWeights weights)
    {
        var (policy, o) = (trained.Policy, trained.Policy.Options);
        (_each, _asked) = (instructions / pictures, new bool[instructions]);
        _effects = new float[instructions * MonitorLayout.CounterfactualLength];
        var words = trained.Tokenizer.InputOf(WordTokenizer.Unknown);
        _tokens = Tensor.Zeros([o.Fusion.Views, policy.Grid.Count, o.Fusion.Width]);
        _states = o.Proprioception > 0 ? Tensor.Zeros([1, o.Proprioception]) : null;
        _plan = new PolicyPlan(policy, new PlanSizes(1, 1, words.Length / (trained.Tokenizer.Encoder?.Width ?? 1), Padded: false), _tokens,
            _states, options, weights, encoded: true);
        words.CopyTo(_plan.Words.Span);
        _plan.SetInstructions();
    }

    /// <summary>Asks for the effect of an instruction of the next step.</summary>
    public void Ask(int instruction) => _asked[instruction] = true;

    /// <summary>The effect of an instruction of the last step: the root of the mean square of the change of action, points and fused
    /// feature, <c>[3]</c>; NaN when it was not asked for.</summary>
    public Span<float> Effect(int instruction) =>
        _effects.AsSpan(instruction * MonitorLayout.CounterfactualLength, MonitorLayout.CounterfactualLength);

    /// <summary>Computes the effects asked for.</summary>
    /// <param name="step">The step, which ran and keeps its tokens.</param>
    /// <param name="states">Its normalised states <c>[B, P]</c>; null when the policy has none.</param>
    /// <param name="timing">Receives how long it took; null when nobody asks.</param>
    public void Run(PolicyPlan step, Tensor? states, StepTiming? timing)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < _asked.Length; i++)
        {
            if (_asked[i]) Measure(step, states, i);
            else Effect(i).Fill(float.NaN);
            _asked[i] = false;
        }

        timing?.Add(StepPart.Head, Stopwatch.GetTimestamp() - start);
    }

    private void Measure(PolicyPlan step, Tensor? states, int row)
    {
        var picture = row / _each;
        Part(step.Output.Patches!, _tokens, picture);
        if (_states is not null) Part(states!, _states, row);
        if (_plan.Past is { } past)
        {
            Part(step.Past!.Value.Tokens, past.Tokens, picture);
            Part(step.Past.Value.Scores, past.Scores, picture);
        }

        _plan.Run();
        StepSignals.WriteEffect(step.Output, row, _plan.Output, 0, Effect(row));
    }

    private static void Part(Tensor from, Tensor to, int index) =>
        from.Span.Slice(index * to.Shape.Length, to.Shape.Length).CopyTo(to.Span);
}
