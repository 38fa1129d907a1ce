using CrossModal.Data;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Language;
using CrossModal.Policies;

namespace CrossModal.Onnx.Tests;

/// <summary>Policies with drawn weights, and inputs for them.</summary>
internal static class MadePolicy
{
    public const int Side = 32;
    private static readonly WordTokenizer Tokenizer = new(["cup", "pick", "red", "the", "up"]);

    public static TrainedPolicy Of(string strategy = "cross-attention", int views = 1, int points = 1, int states = 5,
        VisionOptions? vision = null)
    {
        var random = new RandomSource(11);
        var fusion = new FusionOptions(16, 4, 2) { Views = views, Latents = 5, Vision = vision ?? new VisionOptions() };
        var options = new PolicyOptions(strategy, fusion, Tokenizer.Count, 3)
        {
            ImageSize = Side,
            MaxWords = 6,
            Proprioception = states,
            Head = new HeadOptions(points),
        };
        var policy = new LanguagePolicy(options, random);
        foreach (var (_, parameter) in policy.Parameters())
            foreach (ref var x in parameter.Span) x += 0.05f * random.NextGaussian();
        return new TrainedPolicy(policy, Tokenizer, Drawn(3, random), states > 0 ? Drawn(states, random) : null, "recordings");
    }

    /// <summary>Inputs of a batch as the library takes them, and the states in their own units.</summary>
    public static (PolicyInput Input, float[] States) Draw(TrainedPolicy trained, int batch, int words, ulong seed)
    {
        var (random, options) = (new RandomSource(seed), trained.Policy.Options);
        var views = options.Fusion.Views;
        var images = Tensor.Uniform(views == 1 ? [batch, 3, Side, Side] : [batch, views, 3, Side, Side], random, 0, 1);
        var (ids, lengths) = (Tensor.Zeros([batch, words]), new int[batch]);
        for (var b = 0; b < batch; b++)
        {
            lengths[b] = b == 0 ? words : 1 + (int)(random.NextSingle() * words);
            for (var i = 0; i < lengths[b]; i++) ids[b, i] = 1 + (int)(random.NextSingle() * (Tokenizer.Count - 1));
        }

        var states = Tensor.Normal([batch, options.Proprioception], random);
        var normalised = Tensor.Zeros(states.Shape);
        for (var b = 0; b < batch && trained.States is not null; b++)
            trained.States.Apply(states.Span.Slice(b * options.Proprioception, options.Proprioception),
                normalised.Span.Slice(b * options.Proprioception, options.Proprioception));
        return (new PolicyInput(images, ids, Attention.Mask.Lengths(lengths, words), options.Proprioception > 0 ? normalised : null),
            states.ToArray());
    }

    /// <summary>The same inputs as the exported model takes them.</summary>
    public static List<(string, Array, int[])> Inputs(TrainedPolicy trained, PolicyInput input, float[] states)
    {
        var (batch, words, cameras) = (input.Words.Shape[0], input.Words.Shape[1], trained.Signature.Cameras);
        var picture = 3 * Side * Side;
        List<(string, Array, int[])> inputs =
        [
            ("words", input.Words.ToArray().Select(id => (long)id).ToArray(), [batch, words]),
            ("mask", input.Mask!.Scores.ToArray().Select(score => score == 0).ToArray(), [batch, words]),
        ];
        for (var view = 0; view < cameras.Count; view++)
        {
            var planes = new float[batch * picture];
            for (var b = 0; b < batch; b++)
                input.Images.Span.Slice((b * cameras.Count + view) * picture, picture).CopyTo(planes.AsSpan(b * picture));
            inputs.Add((cameras.Count == 1 ? "picture" : $"picture_{cameras[view]}", planes, [batch, 3, Side, Side]));
        }

        if (input.Proprioception is not null) inputs.Add(("proprioception", states, [batch, trained.Policy.Options.Proprioception]));
        return inputs;
    }

    private static Normalization Drawn(int count, RandomSource random) =>
        new([.. Enumerable.Range(0, count).Select(_ => 0.1f * random.NextGaussian())],
            [.. Enumerable.Range(0, count).Select(_ => 0.5f + random.NextSingle())]);
}
