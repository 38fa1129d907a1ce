using CrossModal.Data;
using CrossModal.Imaging;

namespace CrossModal.Datasets.Tests.Summaries;

/// <summary>What a summary finds in numbers, times and pictures.</summary>
public sealed class DatasetSummaryTests
{
    [Fact]
    public void Ranges_are_those_of_finite_values()
    {
        using var source = new MadeSource([[3, float.NaN], [-1, 5], [2, 5]]);
        var summary = DatasetSummary.Of(source);
        Assert.Equal([(-1, 3, 0), (5, 5, 1)], summary.Dimensions.Select(d => (d.Least, d.Most, d.NotFinite)));
        Assert.Contains("action: action1 is NaN or infinite in 1 steps", summary.Warnings);
        Assert.Contains("action: 1 of 2 never change: action1", summary.Warnings);
        Assert.Equal(2, summary.Warnings.Count);
    }

    [Fact]
    public void A_jump_of_a_slow_number_is_found_and_a_gripper_is_left_alone()
    {
        var rows = Enumerable.Range(0, 400).Select(t => new[] { MathF.Sin(t * 0.02f), t / 50 % 2 }).ToArray();
        using (var smooth = new MadeSource(rows)) Assert.Empty(DatasetSummary.Of(smooth).Warnings);
        rows[200][0] += 5;
        using var jumping = new MadeSource(rows);
        Assert.Equal(["action: action0 jumps by more than half its range 2 times, first in episode step 200"],
            DatasetSummary.Of(jumping).Warnings);
    }

    [Fact]
    public void Gaps_and_rates_that_differ_are_found()
    {
        var rows = Enumerable.Range(0, 30).Select(t => new[] { (float)t }).ToArray();
        using var source = new MadeSource(rows) { Moments = [.. Enumerable.Range(0, 30).Select(t => t * 0.05 + (t >= 20 ? 0.4 : 0))] };
        Assert.Equal(
            ["1 gaps in the times of steps: episode step 20 (0.45 s)", "steps are 20 a second by their times, the data set says 10",
                "the camera front has 30 pictures a second, steps are 10"],
            DatasetSummary.Of(new MadeSource(rows) { Moments = source.Moments, HasCamera = true })
                .Warnings.Where(w => !w.Contains("one colour", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_picture_of_one_colour_and_a_missing_instruction_are_found()
    {
        using var source = new MadeSource([[1], [2]], instruction: "") { HasCamera = true };
        var warnings = DatasetSummary.Of(source).Warnings;
        Assert.Contains("the camera front: its first picture is one colour everywhere", warnings);
        Assert.Contains("1 of 1 episodes have no instruction", warnings);
    }

    /// <summary>An episode of given numbers.</summary>
    private sealed class MadeSource : RecordingSource
    {
        private readonly float[][] _rows;

        public MadeSource(float[][] rows, string instruction = "go")
            : base("made")
        {
            (_rows, Rate, Action) = (rows, 10, ["action"]);
            Episodes = [new EpisodeInfo(0, "episode", rows.Length, instruction, ["front"])];
            Columns = [new NumberColumn("action", Quantity.Numbered("action", rows[0].Length))];
        }

        public bool HasCamera
        {
            init => Cameras = value ? [new CameraInfo("front", 4, 4, "raw") { Rate = 30 }] : [];
        }

        public double[]? Moments { get; init; }

        public override string Format => "made";

        public override float[][] Numbers(EpisodeInfo episode, string column) => _rows;

        public override double[]? Times(EpisodeInfo episode) => Moments;

        public override IEnumerable<RgbImage> Frames(EpisodeInfo episode, string camera) => _rows.Select(_ => new RgbImage(4, 4));
    }
}
