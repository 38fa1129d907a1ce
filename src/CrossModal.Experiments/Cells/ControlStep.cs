using CrossModal.Attention;
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
        policy.Forward(Input(policy), pass);
        return [.. pass.Record];
    }

    /// <summary>Floating-point operations of the policy, and of its fusion strategy alone.</summary>
    public static (double Policy, double Fusion) Flops(LanguagePolicy policy)
    {
        using var pass = Pass.Planning(Workers.Single);
        policy.Forward(Input(policy), pass);
        var whole = pass.Cost().Flops;
        var options = policy.Options;
        using var alone = Pass.Planning(Workers.Single);
        var (words, width) = (Input(options).Words.Shape[1], options.Fusion.Width);
        var patches = (1 + options.Perception.PastFrames) * policy.Grid.Count;
        var views = Enumerable.Range(0, options.Fusion.Views).Select(_ => new Tokens(alone.Rent([1, patches, width]))).ToArray();
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

    /// <summary>The same for a policy whose past frames, if it has them, are all there and were encoded when they were the current
    /// ones.</summary>
    private static PolicyInput Input(LanguagePolicy policy)
    {
        var (options, frames) = (policy.Options, policy.Options.Perception.PastFrames);
        var input = Input(options);
        return frames == 0 ? input : input with
        {
            Past = new PastFrames(Tensor.Zeros([frames * options.Fusion.Views, policy.Grid.Count, options.Fusion.Width]),
                Mask.Lengths([frames], frames))
            { Encoded = true },
        };
    }
}
