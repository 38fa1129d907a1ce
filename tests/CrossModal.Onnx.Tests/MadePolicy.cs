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
        VisionOptions? vision = null, int past = 0)
    {
        var random = new RandomSource(11);
        var fusion = new FusionOptions(16, 4, 2) { Views = views, Latents = 5, Vision = vision ?? new VisionOptions() };
        var options = new PolicyOptions(strategy, fusion, Tokenizer.Count, 3)
        {
            ImageSize = Side,
            MaxWords = 6,
            Proprioception = states,
            Head = new HeadOptions(points),
            Perception = new PerceptionOptions { PastFrames = past },
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
        return (new PolicyInput(images, ids, Attention.Mask.Lengths(lengths, words), options.Proprioception > 0 ? normalised : null)
        {
            Past = options.Perception.PastFrames is > 0 and var frames ? Past(images, frames, random) : null,
        }, states.ToArray());
    }

    /// <summary>Earlier pictures: sample b is at step b of its episode.</summary>
    private static PastFrames Past(Tensor images, int frames, RandomSource random)
    {
        var batch = images.Shape[0];
        bool[] there = [.. Enumerable.Range(0, batch * frames).Select(i => i % frames < i / frames)];
        return new PastFrames(Tensor.Uniform([batch, frames, .. images.Shape.Skip(1)], random, 0, 1),
            Attention.Mask.Allowed(there, [batch, 1, 1, frames]));
    }

    /// <summary>The same inputs as the exported model takes them.</summary>
    public static List<(string, Array, int[])> Inputs(TrainedPolicy trained, PolicyInput input, float[] states)
    {
        var (batch, words, cameras) = (input.Words.Shape[0], input.Words.Shape[1], trained.Signature.Cameras);
        List<(string, Array, int[])> inputs =
        [
            ("words", input.Words.ToArray().Select(id => (long)id).ToArray(), [batch, words]),
            ("mask", input.Mask!.Scores.ToArray().Select(score => score == 0).ToArray(), [batch, words]),
        ];
        AddPictures("picture", input.Images, [batch]);
        if (input.Past is { } past)
        {
            var frames = trained.Policy.Options.Perception.PastFrames;
            AddPictures("past_picture", past.Pictures, [batch, frames]);
            inputs.Add(("past_mask", past.Mask!.Scores.ToArray().Select(score => score == 0).ToArray(), [batch, frames]));
        }

        if (input.Proprioception is not null) inputs.Add(("proprioception", states, [batch, trained.Policy.Options.Proprioception]));
        return inputs;

        void AddPictures(string name, Tensor all, int[] sizes)
        {
            var (picture, count) = (3 * Side * Side, sizes.Aggregate((a, b) => a * b));
            for (var view = 0; view < cameras.Count; view++)
            {
                var planes = new float[count * picture];
                for (var i = 0; i < count; i++)
                    all.Span.Slice((i * cameras.Count + view) * picture, picture).CopyTo(planes.AsSpan(i * picture));
                inputs.Add((cameras.Count == 1 ? name : $"{name}_{cameras[view]}", planes, [.. sizes, 3, Side, Side]));
            }
        }
    }

    private static Normalization Drawn(int count, RandomSource random) =>
        new([.. Enumerable.Range(0, count).Select(_ => 0.1f * random.NextGaussian())],
            [.. Enumerable.Range(0, count).Select(_ => 0.5f + random.NextSingle())]);
}
