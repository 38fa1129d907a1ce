using CrossModal.Data;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;
using CrossModal.Language;
using CrossModal.Policies;

namespace CrossModal.Benchmarks.Policies;

/// <summary>A policy of the tabletop's sizes with random weights, the same everywhere, and inputs for it.</summary>
internal sealed class PolicyExample
{
    private const string Instruction = "pick up the red cup";
    private readonly WordTokenizer _tokenizer = WordTokenizer.Learn([Instruction]);

    /// <summary>Makes the policy.</summary>
    /// <param name="strategy">Fusion strategy.</param>
    /// <param name="layers">Layers of the strategy.</param>
    public PolicyExample(string strategy, int layers = 4)
    {
        const int states = 5;
        var options = new PolicyOptions(strategy, new FusionOptions(64, 8, layers), _tokenizer.Count, Actions: 3)
        {
            Proprioception = states,
            Head = new HeadOptions(Points: 2),
        };
        Policy = new LanguagePolicy(options, new RandomSource(1));
        Words = _tokenizer.EncodeBatch([Instruction], options.MaxWords).Ids;
        Images = Tensor.Uniform([1, 3, ImageSize, ImageSize], new RandomSource(2), 0, 1);
        State = Tensor.Uniform([1, states], new RandomSource(3), 0, 1);
    }

    /// <summary>The policy.</summary>
    public LanguagePolicy Policy { get; }

    /// <summary>Word numbers <c>[1, Nl]</c>.</summary>
    public Tensor Words { get; }

    /// <summary>A picture <c>[1, 3, H, W]</c>.</summary>
    public Tensor Images { get; }

    /// <summary>Proprioception <c>[1, P]</c>.</summary>
    public Tensor State { get; }

    /// <summary>The policy with its words, and numbers that are not normalised.</summary>
    public TrainedPolicy Trained => new(Policy, _tokenizer, Normalization.Identity(3), Normalization.Identity(State.Shape[1]), "benchmark");

    /// <summary>Rows and columns of the picture.</summary>
    public int ImageSize => Policy.Options.ImageSize;

    /// <summary>Action and gripper of the picture, by the policy without a session.</summary>
    public float[] Expected()
    {
        using var pass = Pass.Evaluation();
        var output = Policy.Forward(new PolicyInput(Images, Words, null, State), pass);
        return [.. output.Action.Span, .. output.Close!.Span];
    }

    /// <summary>The compiled policy, its instruction set.</summary>
    public PolicyRunner Compile(Workers workers)
    {
        var compiled = new PolicyRunner(Trained, 1, 1, new PolicyRunOptions { Workers = workers }, new CompiledWeights());
        compiled.SetInstruction(0, Instruction, allowUnknown: false);
        compiled.Prepare();
        return compiled;
    }
}
