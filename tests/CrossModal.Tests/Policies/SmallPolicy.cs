using CrossModal.Attention;
using CrossModal.Data;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Language;
using CrossModal.Policies;

namespace CrossModal.Tests.Policies;

/// <summary>Policies small enough to make many of: pictures of 32 × 32 and so 4 × 4 patches, width 16, four words.</summary>
internal static class SmallPolicy
{
    public const int ImageSize = 32, Width = 16, Patches = 16, Proprioception = 5, Cues = 7;

    public static WordTokenizer Tokenizer { get; } = new(["pick", "up", "red", "cup"]);

    public static PolicyOptions Options(string strategy = "cross-attention", bool pointing = true, int layers = 2) =>
        new(strategy, new FusionOptions(Width, 2, layers) { Latents = 6 }, Tokenizer.Count, 3)
        {
            ImageSize = ImageSize,
            MaxWords = 8,
            Proprioception = Proprioception,
            Head = pointing ? new HeadOptions(2, Cues) : new HeadOptions(),
        };

    public static TrainedPolicy Create(string strategy = "cross-attention", bool pointing = true, ulong seed = 1, int layers = 2) =>
        new(new LanguagePolicy(Options(strategy, pointing, layers), new RandomSource(seed)), Tokenizer,
            new Normalization([1, 2, 3], [1, 0.5f, 2]), new Normalization(new float[Proprioception], [1, 1, 1, 1, 2]), "tabletop/pick");

    /// <summary>Random pictures and proprioception with the given texts.</summary>
    public static PolicyInput Input(int images, params string[] texts)
    {
        var (ids, mask) = Tokenizer.EncodeBatch(texts, 8);
        return new PolicyInput(Tensor.Uniform([images, 3, ImageSize, ImageSize], new RandomSource(3), 0, 1), ids, mask,
            Tensor.Uniform([texts.Length, Proprioception], new RandomSource(4), -1, 1));
    }

    /// <summary>What is decided: action, close and target of each instruction in a row, copied out of the pass.</summary>
    public static float[][] Decide(LanguagePolicy policy, PolicyInput input, AttentionTrace? trace = null)
    {
        using var pass = Pass.Evaluation(trace);
        var output = policy.Forward(input, pass);
        return [.. new[] { output.Action, output.Close, output.Points }.Where(t => t is not null).Select(t => t!.ToArray())];
    }

    /// <summary>The same words with more padding after them, whose numbers are any.</summary>
    public static PolicyInput Padded(PolicyInput input, int more, int garbage)
    {
        var (batch, words) = (input.Words.Shape[0], input.Words.Shape[1]);
        var ids = Tensor.Full([batch, words + more], garbage);
        var real = new bool[batch, words + more];
        for (var b = 0; b < batch; b++)
            for (var w = 0; w < words; w++)
            {
                real[b, w] = input.Mask!.Scores[b, 0, 0, w] == 0;
                if (real[b, w]) ids[b, w] = input.Words[b, w];
            }

        return input with { Words = ids, Mask = Mask.KeyPadding(real) };
    }
}
