using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Experiments.Cells;

/// <summary>One control step of a policy, one picture and a five-word instruction: its operations and its cost.</summary>
internal static class ControlStep
{
    private const string Instruction = "pick up the red cup";

    /// <summary>The operations, in their order; nothing is computed.</summary>
    public static IReadOnlyList<Node> Plan(LanguagePolicy policy)
    {
        using var pass = Pass.Planning(Workers.Single);
        policy.Forward(Input(policy.Options), pass);
        return [.. pass.Record];
    }

    /// <summary>Floating-point operations of the policy, and of its fusion strategy alone.</summary>
    public static (double Policy, double Fusion) Flops(LanguagePolicy policy)
    {
        using var pass = Pass.Planning(Workers.Single);
        policy.Forward(Input(policy.Options), pass);
        var whole = pass.Cost().Flops;
        var options = policy.Options;
        using var alone = Pass.Planning(Workers.Single);
        var (words, width) = (Input(options).Words.Shape[1], options.Fusion.Width);
        var views = Enumerable.Range(0, options.Fusion.Views).Select(_ => new Tokens(alone.Rent([1, policy.Grid.Count, width]))).ToArray();
        policy.Fusion.Forward(new FusionInput(new Tokens(alone.Rent([1, words, width])), views), alone);
        return (whole, alone.Cost().Flops);
    }

    /// <summary>A black picture, the instruction, and a state of zeros.</summary>
    internal static PolicyInput Input(PolicyOptions options)
    {
        var (ids, mask) = TabletopPolicy.Tokenizer.EncodeBatch([Instruction], options.MaxWords);
        var (views, size) = (options.Fusion.Views, options.ImageSize);
        return new PolicyInput(Tensor.Zeros(views == 1 ? [1, 3, size, size] : [1, views, 3, size, size]), ids, mask,
            Tensor.Zeros([1, options.Proprioception]));
    }
}
