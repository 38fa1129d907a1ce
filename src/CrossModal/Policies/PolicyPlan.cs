using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain.Monitor;
using CrossModal.Inference;

namespace CrossModal.Policies;

/// <summary>The sizes that a policy is compiled for.</summary>
/// <param name="Pictures">S, observations.</param>
/// <param name="Instructions">B, instructions; a multiple of S.</param>
/// <param name="Words">Nl, words of the longest instruction.</param>
/// <param name="Padded">Whether some instructions may be shorter.</param>
internal readonly record struct PlanSizes(int Pictures, int Instructions, int Words, bool Padded);

/// <summary>A whole policy compiled for one set of sizes: its inputs, which are filled in place, and its outputs.</summary>
internal sealed class PolicyPlan
{
    private readonly RecordedPlan _plan;
    private readonly StepPart[] _parts;
    private readonly long[] _ticks;

    /// <summary>Records the policy on inputs of these sizes and compiles the record.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="images">Where pictures are written before each frame, <c>[S, 3, H, W]</c> or <c>[S, V, 3, H, W]</c>, or their tokens
    /// <c>[S·V, N, d]</c>.</param>
    /// <param name="states">Where normalised states are written before each frame, <c>[B, P]</c>; null when the policy has none.</param>
    /// <param name="options">How to compile.</param>
    /// <param name="weights">Packed weights, shared.</param>
    /// <param name="watched">Whether every frame writes the weights of its attentions to patches.</param>
    /// <param name="tokens">Whether the tokens of the pictures are among the results; those of a policy with past frames always
    /// are.</param>
    /// <param name="encoded">Whether pictures are given as their tokens.</param>
    public PolicyPlan(LanguagePolicy policy, PlanSizes sizes, Tensor images, Tensor? states, SessionOptions options,
        CompiledWeights weights, bool watched = false, bool tokens = false, bool encoded = false)
    {
        Sizes = sizes;
        Words = Tensor.Zeros(policy.Options.TextWidth is > 0 and var width ? [sizes.Instructions, sizes.Words, width]
            : [sizes.Instructions, sizes.Words]);
        Scores = sizes.Padded ? Tensor.Zeros([sizes.Instructions, 1, 1, sizes.Words]) : null;
        if (policy.Options.Perception.PastFrames is > 0 and var frames)
            Past = (Tensor.Zeros([sizes.Pictures * frames * policy.Options.Fusion.Views, policy.Grid.Count, policy.Options.Fusion.Width]),
                Tensor.Zeros([sizes.Pictures, 1, 1, frames]));
        tokens = !encoded && (tokens || Past is not null);
        PolicyOutput? recorded = null;
        _plan = new RecordedPlan(policy, new PlanInputs(Given(Words, Scores), Given(images, states, Past?.Tokens, Past?.Scores)), pass =>
        {
            recorded = policy.Forward(new PolicyInput(images, Words, Scores is null ? null : Mask.OfScores(Scores), states)
            {
                Past = Past is { } past ? new PastFrames(past.Tokens, Mask.OfScores(past.Scores)) { Encoded = true } : null,
                Encoded = encoded,
            }, pass);
            return Given(recorded.Action, recorded.Fused, tokens ? recorded.Patches : null, recorded.Close, recorded.Points);
        }, options, weights);

        _parts = Parts(_plan.Compiled.Layers(Stage.Frame));
        _ticks = new long[_parts.Length];
        var results = _plan.Outputs;
        Output = new PolicyOutput(results[0], recorded!.Close is null ? null : results[tokens ? 3 : 2],
            recorded.Points is null ? null : results[^1])
        { Fused = results[1], Patches = tokens ? results[2] : null };
        if (watched)
            Attention = [.. _plan.KeepAttentionToPatches().Select(kept =>
                (new AttentionSummary(kept.Entry, policy.Grid), kept.Weights))];
    }

    /// <summary>The attentions to patches of a plan that is watched, in the order of the layers, with their weights.</summary>
    public (AttentionSummary Summary, Tensor Weights)[] Attention { get; } = [];

    /// <summary>What it was compiled for.</summary>
    public PlanSizes Sizes { get; }

    /// <summary>Word numbers <c>[B, Nl]</c>, or states <c>[B, Nl, e]</c> of a text encoder; written before
    /// <see cref="SetInstructions"/>.</summary>
    public Tensor Words { get; }

    /// <summary>0 for a word, −∞ for padding, <c>[B, 1, 1, Nl]</c>; null when nothing is padded.</summary>
    public Tensor? Scores { get; }

    /// <summary>Of a policy with past frames, their tokens <c>[S·K·V, N, d]</c>, and 0 for a frame, −∞ for none, <c>[S, 1, 1, K]</c>; all
    /// there, and zeros, unless written before each frame.</summary>
    public (Tensor Tokens, Tensor Scores)? Past { get; }

    /// <summary>The results of <see cref="Run()"/>; overwritten by the next.</summary>
    public PolicyOutput Output { get; }

    /// <summary>The steps, for measuring and explaining.</summary>
    public CompiledGraph Compiled => _plan.Compiled;

    /// <summary>Computes what depends on the instructions alone.</summary>
    public void SetInstructions() => Compiled.Run(Stage.Instruction);

    /// <summary>Computes a frame.</summary>
    public void Run() => Compiled.Run(Stage.Frame);

    /// <summary>Computes a frame and adds up how long its parts took.</summary>
    public void Run(StepTiming timing)
    {
        Compiled.Run(Stage.Frame, _ticks);
        for (var i = 0; i < _ticks.Length; i++) timing.Add(_parts[i], _ticks[i]);
    }

    /// <summary>The trace of the last frame, by computing it once more.</summary>
    public AttentionTrace ReadTrace() => _plan.ReadTrace();

    /// <summary>The part of a policy each step belongs to; a step without parameters belongs to the next that has some.</summary>
    private static StepPart[] Parts(IReadOnlyList<string> layers)
    {
        var parts = new StepPart[layers.Count];
        var part = StepPart.Head;
        for (var i = layers.Count - 1; i >= 0; i--)
        {
            if (layers[i].StartsWith("vision.", StringComparison.Ordinal)) part = StepPart.Vision;
            else if (layers[i].StartsWith("fusion.", StringComparison.Ordinal)) part = StepPart.Fusion;
            else if (layers[i].Length > 0) part = StepPart.Head;
            parts[i] = part;
        }

        return parts;
    }

    private static Tensor[] Given(params Tensor?[] tensors) => [.. tensors.OfType<Tensor>()];
}
