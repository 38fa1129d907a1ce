using System.Globalization;
using CrossModal.Benchmarks.Ranks;
using CrossModal.Reports;

namespace CrossModal.Benchmarks.Reporting;

/// <summary>Tables and the chart of docs/scale.md: what was measured on one machine, and what a model makes of it for many.</summary>
internal static class ScaleTables
{
    /// <summary>How much larger the second policy is: parameters and work of a sample.</summary>
    private const int Larger = 100;

    private const int Cores = 32;
    private static readonly int[] Nodes = [2, 8, 64];

    /// <summary>Networks whose numbers are those of their makers: α of a message of a small collective, four a step, and bytes per
    /// second.</summary>
    private static readonly (string Name, ExchangeModel Model)[] Assumed =
    [
        ("10 Gb/s Ethernet", new ExchangeModel(4 * 30, 1e6 / 1.1e9)), ("100 Gb/s InfiniBand", new ExchangeModel(4 * 2, 1e6 / 11e9)),
    ];

    /// <summary>Rows by the table's name.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string[]> Rows)> All(AllReduceRun run)
    {
        yield return ("scale-measured", [.. run.Points.GroupBy(p => (p.Transport, p.Numbers)).Select(g => (string[])
            [g.Key.Transport, Count(g.Key.Numbers), .. g.OrderBy(p => p.Ranks).Select(p => Milliseconds(p.Microseconds))])]);
        yield return ("scale-fit", [.. Fits(run).Select(f => (string[])
            [f.Name, Figure(f.Model.Alpha, "F0"), Figure(f.Model.BytesPerSecond / 1e9, "F2"), Figure(100 * Error(run, f), "F0") + " %"])]);
        yield return ("scale-traffic", [.. Sizes(run).SelectMany(s => Nodes.Select(n => (string[])
            [s.Name, Count(s.Numbers), Count(n), Megabytes(ExchangeModel.Bytes(s.Numbers, n)),
                Megabytes(ExchangeModel.Bytes(s.Numbers, n, Cores))]))]);
        yield return ("scale-predicted", [.. Sizes(run).SelectMany(s => Networks(run).Select(network => (string[])
            [s.Name, network.Name,
                .. Nodes.Select(n => Share(network.Model.Efficiency(s.Microseconds, s.Numbers, n))),
                .. Nodes.Select(n => Share(network.Model.Efficiency(s.Microseconds, s.Numbers, n, Cores)))]))]);
        yield return ("scale-step", [[Count(run.Step.Parameters), Count(run.Step.Samples), Figure(run.Step.Milliseconds, "F1"),
            run.Machine]]);
    }

    /// <summary>Efficiency at numbers of nodes, as the model says.</summary>
    public static GroupedBars Chart(AllReduceRun run, bool chinese)
    {
        var networks = Networks(run).ToArray();
        return new GroupedBars(chinese ? "效率：一步中用于计算的时间所占的比例（预测）" : "Efficiency: share of a step that is computing (predicted)",
            [.. networks.Select((network, i) => (network.Name, 2 * i))],
            [.. Sizes(run).Select(s => new BarPanel(s.Label(chinese), [.. Nodes.Select(n => new BarGroup(
                chinese ? $"{n} 节点" : $"{n} nodes", [.. networks.Select((network, i) =>
                {
                    var share = network.Model.Efficiency(s.Microseconds, s.Numbers, n);
                    return new GroupedBar(i, share, Share(share));
                })]))]))])
        {
            Level = 1,
            Notes = [chinese ? "α–β 模型的预测，不是测量：每个节点计算一个分片（单线程），然后交换梯度"
                : "Predicted by the α–β model, not measured: each node computes one shard on one thread, then gradients are exchanged"],
        };
    }

    private static IEnumerable<(string Name, double Numbers, double Microseconds, Func<bool, string> Label)> Sizes(AllReduceRun run)
    {
        var (numbers, time) = (run.Step.Parameters, 1e3 * run.Step.Milliseconds);
        yield return ("1×", numbers, time, chinese => chinese ? "本策略" : "the policy");
        yield return ($"{Larger}×", (double)Larger * numbers, Larger * time, chinese => chinese ? "大百倍" : "100 times larger");
    }

    private static IEnumerable<(string Name, ExchangeModel Model)> Fits(AllReduceRun run) => run.Points.GroupBy(p => p.Transport)
        .Select(g => (g.Key, ExchangeModel.Fit([.. g.Where(p => p.Ranks == 2)])));

    private static IEnumerable<(string Name, ExchangeModel Model)> Networks(AllReduceRun run) =>
        [.. Fits(run).Where(f => f.Name == "tcp").Select(f => ("TCP, loopback", f.Model)), .. Assumed];

    private static double Error(AllReduceRun run, (string Name, ExchangeModel Model) fit) =>
        run.Points.Where(p => p.Transport == fit.Name && p.Ranks == 2)
            .Average(p => Math.Abs(fit.Model.Time(p.Numbers, 2) / p.Microseconds - 1));

    private static string Share(double share) => Figure(100 * share, "F0") + " %";

    private static string Megabytes(double bytes) => Figure(bytes / 1e6, bytes < 1e7 ? "F1" : "F0") + " MB";

    private static string Milliseconds(double microseconds) => Figure(microseconds / 1e3, microseconds < 1e4 ? "F2" : "F1");

    private static string Count(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Figure(double value, string form) => value.ToString(form, CultureInfo.InvariantCulture);
}
