using CrossModal.Publish.Monitoring;

namespace CrossModal.Publish.Tests.Monitoring;

/// <summary>The pages on the monitor against the cells beside them: every number in them is one that was measured.</summary>
public sealed class MonitorPagesTests
{
    [Fact]
    public void Pages_on_the_monitor_say_what_the_cells_say()
    {
        var docs = Path.Combine(Root(), "docs");
        Assert.All(MonitorPages.Names, page => Assert.True(File.Exists(Path.Combine(docs, page)), $"there is no {page}"));
        Assert.All(MonitorPages.Fill(docs), file => Assert.True(
            file.Content.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(docs, file.File))),
                $"{file.File} is not what the cells say"));
    }

    [Fact]
    public void Published_detectors_use_their_best_measured_settings()
    {
        var measured = SettingsStudy.Read(Path.Combine(Root(), "docs", "monitor"));
        Assert.Equal(["SAFE-LSTM", "SAFE-MLP", "cosine k-NN"], SettingsStudy.Used.Keys.Order(StringComparer.Ordinal));
        foreach (var detector in measured.GroupBy(m => m.Detector))
        {
            Assert.Equal(2, detector.Select(m => m.Policy).Distinct().Count());
            var best = detector.GroupBy(m => m.Setting).MaxBy(g => g.Average(m => m.Area))!.Key;
            Assert.Equal(best, SettingsStudy.Used[detector.Key]);
        }

        Assert.Equal(SettingsStudy.Used.Keys.Order(StringComparer.Ordinal),
            measured.Select(m => m.Detector).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Policies_of_one_row_are_numbered_and_no_time_is_a_negative_zero()
    {
        MonitorCell[] cells = [Cell("perceiver-8"), Cell("cross-attention-1"), Cell("cross-attention-1")];
        var time = new MonitorTime("cross-attention-1", "64×64", "1 core", 0.1, 0.1, 0.9999, 1.123, 0.1, 0, 0);
        SettingArea[] settings = [new("A", "k 1", "p", 0.7), new("A", "k 1", "q", 0.8), new("A", "k 2", "q", 0.9)];
        var tables = new MonitorTables(cells, [time], settings);

        Assert.Equal(["cross-attention-1, 1", "cross-attention-1, 2", "perceiver-8"],
            tables.Table("monitor-policies")!.Select(r => r[0]));
        Assert.Equal([["A", "k 1", "0.700", "0.800", "0.750"], ["A", "k 2", "–", "0.900", "0.900"]], tables.Table("monitor-settings")!);
        Assert.Equal(("0.0 %", "+12.3 %"), (tables.Table("monitor-time")![0][4], tables.Table("monitor-time")![0][5]));
        Assert.Equal(("3", "2", "2"), (tables.Value("monitor policies"), tables.Value("monitor rows"), tables.Value("monitor settings")));

        static MonitorCell Cell(string row) => new() { Policy = row, Row = row, Weights = "0", Episodes = 4, Seeds = 1 };
    }

    [Fact]
    public void Thresholds_from_successes_of_the_task_itself_are_rows_of_their_own()
    {
        var cell = new MonitorCell { Policy = "a", Row = "a", Weights = "0", Episodes = 4, Seeds = 2 };
        foreach (var seed in new[] { 0, 1 })
        {
            cell.Stops.Add(new StopCount(0.1, seed, true, "pick", 100, 40, 50, 45, 0.2, Own: 20));
            cell.Stops.Add(new StopCount(0.1, seed, true, "pick", 100, 60, 50, 48, 0.1));
            cell.Stops.Add(new StopCount(0.1, seed, false, MonitorStudy.Any, 400, 40, 200, 190, 0.1));
        }

        var rows = new MonitorTables([cell], [], []).Table("monitor-stops")!;
        Assert.Equal(["seen", "not seen", "not seen, 20 of its own"], rows.Select(r => r[0]));
        Assert.StartsWith("40.0 % [", rows[2][3], StringComparison.Ordinal);
        Assert.Equal(("100", "20 %"), (rows[2][2], rows[2][6]));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "CrossModal.slnx"))) folder = folder.Parent;
        return folder.FullName;
    }
}
