using System.Diagnostics;
using System.Globalization;
using CrossModal.Attention;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;
using CrossModal.Layers;
using CrossModal.Reports;

namespace CrossModal.Publish.Questions;

/// <summary>The fourth question: a thousand visual tokens. Times a frame of one cross-attention block with all of them, and the ways to cut
/// the cost.</summary>
internal sealed class ManyVisualTokens
{
    private const int Side = 32;
    private const int Words = 12;
    private const int Width = 512;
    private const int Heads = 8;
    private const int Kept = 256;
    private const double Million = 1e6;

    private static readonly (string Name, string Strategy, Absorption Absorption, VisionOptions Vision)[] Ways =
    [
        ("all-projected", "cross-attention", Absorption.Never, new()),
        ("all-absorbed", "cross-attention", Absorption.Auto, new()),
        ("quarter-pooled", "cross-attention", Absorption.Auto, Fewer(TokenReduction.Pool)),
        ("quarter-convolved", "cross-attention", Absorption.Auto, Fewer(TokenReduction.Conv)),
        ("quarter-learned", "cross-attention", Absorption.Auto, Fewer(TokenReduction.Learner)),
        ("quarter-merged", "cross-attention", Absorption.Auto, Fewer(TokenReduction.Merge)),
        ("resampled-32", "cross-attention", Absorption.Auto, new() { Tokens = new VisualTokens(TokenReduction.Resampler, 32) }),
        ("topk-16", "cross-attention", Absorption.Auto, Variant("topk:16")),
        ("quarter-pruned", "cross-attention", Absorption.Auto, Variant("prune:256")),
        ("linear", "cross-attention", Absorption.Auto, Variant("linear")),
        ("perceiver-32", "perceiver", Absorption.Auto, new()),
    ];

    /// <summary>Measures.</summary>
    /// <param name="rounds">Frames of each way; the ways take turns.</param>
    /// <param name="stop">Stops between two frames.</param>
    /// <returns>The ways, each with its median time, quartiles, operations and rest of memory.</returns>
    public static IReadOnlyList<Way> Measure(int rounds, CancellationToken stop)
    {
        var random = new RandomSource(1);
        var language = new Tokens(Tensor.Normal([1, Words, Width], random));
        var camera = new Tokens(Tensor.Normal([1, Side * Side, Width], random));
        var prepared = Ways.Select(way =>
        {
            var options = new FusionOptions(Width, Heads)
            {
                Hidden = 4 * Width,
                Latents = 32,
                Vision = way.Vision with { Grid = new TokenGrid(Side, Side) }
            };
            var strategy = FusionStrategies.Create(way.Strategy, options, new RandomSource(2));
            var session = InferenceSession.Compile(strategy, new FusionInput(language, camera),
                new SessionOptions { Workers = Workers.Single, Absorption = way.Absorption });
            session.SetInstruction(language);
            session.Run(camera);
            return (way.Name, Session: session, Times: new List<double>(rounds));
        }).ToList();

        for (var round = 0; round < rounds; round++)
            foreach (var (_, session, times) in prepared)
            {
                stop.ThrowIfCancellationRequested();
                var start = Stopwatch.GetTimestamp();
                session.Run(camera);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

        return [.. prepared.Select(p => new Way(p.Name, [.. p.Times.Order()], p.Session.WorkingBytes, p.Session.WeightBytes))];
    }

    /// <summary>The answer.</summary>
    public static Answer Ask(string command, string machine, int rounds, CancellationToken stop)
    {
        var ways = Measure(rounds, stop);
        var all = ways[0].Median;
        return new Answer
        {
            Question = 4,
            Command = command,
            Machine = machine,
            Tables = new()
            {
                ["many-tokens"] = [.. ways.Select(w => (string[])
                    [w.Name, HtmlWriter.Fixed(w.Median, 2), $"{HtmlWriter.Fixed(w.Low, 2)}–{HtmlWriter.Fixed(w.High, 2)}",
                        HtmlWriter.Fixed(all / w.Median, 2) + "×", HtmlWriter.Fixed(w.WorkingBytes / Million, 2),
                        HtmlWriter.Fixed(w.WeightBytes / Million, 1)])],
            },
            Values = new()
            {
                ["many-tokens sizes"] = string.Create(CultureInfo.InvariantCulture,
                    $"{Side * Side} visual tokens, {Words} words, width {Width}, {Heads} heads, one block with feed-forward"),
                ["many-tokens rounds"] = rounds.ToString(CultureInfo.InvariantCulture),
                ["many-tokens absorbed"] = HtmlWriter.Fixed(all / ways[1].Median, 2) + "×",
                ["many-tokens pooled"] = HtmlWriter.Fixed(all / ways[2].Median, 2) + "×",
            },
        };
    }

    private static VisionOptions Fewer(TokenReduction method) => new() { Tokens = new VisualTokens(method, Kept) };

    private static VisionOptions Variant(string attention) => new() { Attention = AttentionVariant.Parse(attention) };

    /// <summary>One way, measured.</summary>
    /// <param name="Name">Its key in <see cref="AnswerNames"/>.</param>
    /// <param name="Times">Milliseconds of its frames, in order of size.</param>
    /// <param name="WorkingBytes">Memory a frame needs beside the weights.</param>
    /// <param name="WeightBytes">Memory of the weights.</param>
    internal sealed record Way(string Name, IReadOnlyList<double> Times, long WorkingBytes, long WeightBytes)
    {
        /// <summary>Median, milliseconds.</summary>
        public double Median => Times[Times.Count / 2];

        /// <summary>Lower quartile, milliseconds.</summary>
        public double Low => Times[Times.Count / 4];

        /// <summary>Upper quartile, milliseconds.</summary>
        public double High => Times[Times.Count * 3 / 4];
    }
}
