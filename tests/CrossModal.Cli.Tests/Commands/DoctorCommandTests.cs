using CrossModal.Cli.Diagnosis;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Layers;

namespace CrossModal.Cli.Tests.Commands;

public sealed class DoctorCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_policy_without_words_fails_for_its_words()
    {
        var run = Run((name, tensor) =>
        {
            if (name.StartsWith("language.", StringComparison.Ordinal)) tensor.Span.Clear();
        });
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(Lines(run), l => l.StartsWith("FAIL  another instruction in the same scene: changes the action by 0.000 σ",
            StringComparison.Ordinal));
        Assert.Contains(Lines(run), l => l.StartsWith("FAIL  points at what it is told", StringComparison.Ordinal));
    }

    [Fact]
    public void A_policy_whose_picture_is_constant_fails_for_its_picture()
    {
        var run = Run((name, tensor) =>
        {
            if (name.StartsWith("vision.stem", StringComparison.Ordinal)) tensor.Span.Clear();
        });
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(Lines(run), l => l.StartsWith("FAIL  another picture: changes the action by 0.000 σ, 0.0×",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Heads_that_are_tied_fail_and_heads_that_differ_do_not()
    {
        IReadOnlyList<WordMap>[] Scenes(bool tied, bool frozen) =>
            [.. Enumerable.Range(0, 3).Select(scene => (IReadOnlyList<WordMap>)[Map(tied, frozen ? 1UL : (ulong)scene + 1)])];
        Assert.Equal(Verdict.Pass, Of("heads differ", Scenes(false, false)));
        Assert.Equal(Verdict.Fail, Of("heads differ", Scenes(true, false)));
        Assert.Equal(Verdict.Pass, Of("maps change with the picture", Scenes(false, false)));
        Assert.Equal(Verdict.Fail, Of("maps change with the picture", Scenes(false, true)));
        Assert.Equal(Verdict.Pass, Of("no attention sink", Scenes(false, false)));

        static Verdict Of(string name, IReadOnlyList<WordMap>[] scenes) =>
            AttentionHealth.Findings(scenes).Single(f => f.Name == name).Verdict;
    }

    [Fact]
    public void Even_heads_and_sinks_are_found()
    {
        WordMap Whole(Func<int, float> weight) =>
            WordMap.Of("layer", new TokenGrid(4, 4), Tensor.From([.. Enumerable.Range(0, 16).Select(weight)], [1, 1, 16]));
        var even = Whole(_ => 1f / 16);
        Assert.Equal(Verdict.Fail, AttentionHealth.Findings([[even], [even]]).Single(f => f.Name == "heads choose patches").Verdict);
        var (a, b) = (Whole(i => i == 3 ? 0.5f : i == 4 ? 0.25f : 0.25f / 14), Whole(i => i == 3 ? 0.5f : i == 9 ? 0.25f : 0.25f / 14));
        var sink = AttentionHealth.Findings([[a], [b]]).Single(f => f.Name == "no attention sink");
        Assert.Equal(Verdict.Warn, sink.Verdict);
        Assert.Contains("0.50 of the weight (layer, row 1, column 4)", sink.Figures, StringComparison.Ordinal);
    }

    private ToolRun Run(Action<string, Tensor> damage) =>
        ToolRun.Of("doctor", "--checkpoint", TabletopPolicies.Save(_folder["policy"], damage), "--scenes", "6");

    private static string[] Lines(ToolRun run) => run.Output.Split('\n');

    /// <summary>Two heads over two words, drawn at random.</summary>
    private static WordMap Map(bool tied, ulong seed)
    {
        var weights = Tensor.Uniform([2, 2, 16], new RandomSource(seed), 0, 1);
        if (tied) weights.Span[..32].CopyTo(weights.Span[32..]);
        for (var row = 0; row < 4; row++)
        {
            var sum = 0f;
            foreach (var x in weights.Span.Slice(row * 16, 16)) sum += x;
            foreach (ref var x in weights.Span.Slice(row * 16, 16)) x /= sum;
        }

        return WordMap.Of("layer", new TokenGrid(4, 4), weights);
    }
}
