using CrossModal.Engine.Formats;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Publish.Questions;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Publish.Tests.Questions;

public sealed class QuestionTests
{
    [Fact]
    public void A_thousand_visual_tokens_are_timed_with_every_way_to_cut_them()
    {
        var ways = ManyVisualTokens.Measure(rounds: 1, CancellationToken.None);
        Assert.Equal(11, ways.Count);
        Assert.Equal(11, ways.Select(w => w.Name).Distinct().Count());
        Assert.All(ways, w => Assert.True(w.Median > 0 && w.WeightBytes > 0));

        // What absorption saves is memory for keys and values as well as time, and memory does not depend on what else runs.
        Assert.True(ways[1].WorkingBytes < ways[0].WorkingBytes);
    }

    [Fact]
    public void Alignment_and_failures_of_a_policy_are_measured_and_shown()
    {
        using var folder = new TemporaryFolder();
        PolicyFolder.Save(folder["fresh"], new TabletopLossSource("cross-attention", new FusionOptions(16, Heads: 2, Layers: 2),
            new TabletopRecipe { Steps = 1 }).Policy);
        var run = PublishRun.Of("question", "--number", "5", "--checkpoint", folder["fresh"], "--scenes", "3", "--out", folder["out"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(0, PublishRun.Of("question", "--number", "3", "--checkpoint", folder["fresh"], "--scenes", "2", "--out",
            folder["out"]).ExitCode);
        var answers = Answer.ReadAll(folder["out"]);
        Assert.Equal([3, 5], answers.Select(a => a.Question));
        Assert.Equal(["fresh", "untrained:fresh"], answers[0].Tables["alignment"].Select(r => r[0]));
        Assert.Equal(2, answers[1].Tables["sinks"].Count);
        Assert.Equal(["S0", "Z1"], answers[1].Tables["distractors"].Select(r => r[0]));
        Assert.Equal(["fresh"], answers[1].Tables["ignored"].Select(r => r[0]));
        Assert.Equal(["S0", "Z2b"], answers[1].Tables["unseen-words"].Select(r => r[0]));
        Assert.True(File.Exists(folder["out/images/sink.png"]));
        Assert.True(File.Exists(folder["out/images/unseen-words.png"]));
        Assert.Contains("--number 5", answers[1].Command);
    }

    [Fact]
    public void Bad_input_is_one_line()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("--checkpoint", PublishRun.Of("question", "--number", "3").OnlyError());
        Assert.Contains("--number must be 3 to 5", PublishRun.Of("question", "--number", "6").OnlyError());
        Assert.Contains("--task means nothing", PublishRun.Of("question", "--number", "4", "--task", "pick").OnlyError());
        File.WriteAllText(folder["question3.json"], "{\"schema\": 1}");
        Assert.Contains("question3.json", Assert.Throws<FileFormatException>(() => Answer.ReadAll(folder.Path)).Message);
    }

    [Fact]
    public void Ranks_that_agree_are_correlated()
    {
        // With one swap among four, 1 - 6 · 2 / (4 · 15) = 0.8.
        Assert.Equal(0.8, HowAligned.Spearman([1, 2, 3, 4], [10, 30, 20, 40]), 12);
        Assert.Equal(1, HowAligned.Spearman([1, 2, 2, 4], [0, 5, 5, 6]), 12);
        Assert.Equal(-1, HowAligned.Spearman([1, 2, 3], [3, 2, 1]), 12);
        Assert.True(double.IsNaN(HowAligned.Spearman([1, 2, 3], [1, 1, 1])));
    }

}
