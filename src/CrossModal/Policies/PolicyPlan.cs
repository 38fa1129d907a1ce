using CrossModal.Attention;
using CrossModal.Engine.Tensors;
using CrossModal.Inference;
using CrossModal.Models;

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

    /// <summary>Records the policy on inputs of these sizes and compiles the record.</summary>
    public PolicyPlan(LanguagePolicy policy, PlanSizes sizes, SessionOptions options, CompiledWeights weights)
    {
        Sizes = sizes;
        var (o, side) = (policy.Options, policy.Options.ImageSize);
        var images = Tensor.Zeros(o.Fusion.Views == 1 ? [sizes.Pictures, 3, side, side] : [sizes.Pictures, o.Fusion.Views, 3, side, side]);
        var words = Tensor.Zeros([sizes.Instructions, sizes.Words]);
        var scores = sizes.Padded ? Tensor.Zeros([sizes.Instructions, 1, 1, sizes.Words]) : null;
        var states = o.Proprioception > 0 ? Tensor.Zeros([sizes.Instructions, o.Proprioception]) : null;
        var inputs = new PlanInputs(Given(words, scores), Given(images, states), FrameIsCopied: true);
        PolicyOutput? recorded = null;
        _plan = new RecordedPlan(policy, inputs, pass =>
        {
            recorded = policy.Forward(new PolicyInput(images, words, scores is null ? null : Mask.OfScores(scores), states), pass);
            return Given(recorded.Action, recorded.Fused, recorded.Close, recorded.Points);
        }, options, weights);

        (Images, Words) = (_plan[images].Memory, _plan[words].Memory);
        Scores = scores is null ? null : _plan[scores].Memory;
        States = states is null ? null : _plan[states].Memory;
        var results = _plan.Outputs;
        Output = new PolicyOutput(results[0], recorded!.Close is null ? null : results[2], recorded.Points is null ? null : results[^1]) { Fused = results[1] };
    }

    /// <summary>What it was compiled for.</summary>
    public PlanSizes Sizes { get; }

    /// <summary>Camera pictures, <c>[S, 3, H, W]</c> or <c>[S, V, 3, H, W]</c>; written before <see cref="Run"/>.</summary>
    public Tensor Images { get; }

    /// <summary>Word numbers <c>[B, Nl]</c>; written before <see cref="SetInstructions"/>.</summary>
    public Tensor Words { get; }

    /// <summary>0 for a word, −∞ for padding, <c>[B, 1, 1, Nl]</c>; null when nothing is padded.</summary>
    public Tensor? Scores { get; }

    /// <summary>Normalised proprioception <c>[B, P]</c>; null when the policy has none.</summary>
    public Tensor? States { get; }

    /// <summary>The results of <see cref="Run"/>; overwritten by the next.</summary>
    public PolicyOutput Output { get; }

    /// <summary>The steps, for measuring and explaining.</summary>
    public CompiledGraph Compiled => _plan.Compiled;

    /// <summary>Computes what depends on the instructions alone.</summary>
    public void SetInstructions() => Compiled.Run(Stage.Instruction);

    /// <summary>Computes a frame.</summary>
    public void Run() => Compiled.Run(Stage.Frame);

    private static Tensor[] Given(params Tensor?[] tensors) => [.. tensors.OfType<Tensor>()];
}
