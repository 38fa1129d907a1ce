using System.Text.Json;
using System.Text.Json.Nodes;
using CrossModal.Experiments.Cells;

namespace CrossModal.Publish.Repeating;

/// <summary>A published cell beside the same cell trained and tested again.</summary>
/// <param name="Key">Key of the cell.</param>
/// <param name="Cell">The cell in a few words.</param>
/// <param name="Version">Version that made the published one.</param>
/// <param name="Episodes">Test episodes.</param>
/// <param name="Successes">Successes in the published one.</param>
/// <param name="SuccessesAgain">Successes in the repetition.</param>
/// <param name="OtherOutcomes">Episodes that ended otherwise.</param>
/// <param name="Distance">Largest difference between mean final distances of a test, centimetres.</param>
/// <param name="Differences">Parts that are not the same to the last digit: losses, learning, tests, grounding.</param>
internal sealed record RepeatedCell(string Key, string Cell, string Version, int Episodes, int Successes, int SuccessesAgain,
    int OtherOutcomes, double Distance, IReadOnlyList<string> Differences)
{
    private const string Losses = "losses";

    // What may differ between repetitions, and what a cell says of itself.
    private static readonly string[] Free = ["timing", "version"];

    /// <summary>Whether every loss of the training and the outcome of every test episode are the same.</summary>
    public bool Agrees => OtherOutcomes == 0 && !Differences.Contains(Losses);

    /// <summary>Compares a repetition with what was published; what only one of the two recorded of the losses is not compared.</summary>
    /// <param name="cell">The cell in a few words.</param>
    /// <param name="published">What was published.</param>
    /// <param name="again">The repetition.</param>
    /// <exception cref="ArgumentException">They are not the same cell.</exception>
    public static RepeatedCell Of(string cell, CellResult published, CellResult again)
    {
        if (published.Key != again.Key)
            throw new ArgumentException($"the cell '{again.Key}' does not repeat '{published.Key}'", nameof(again));
        var (before, now) = (Text(published, again), Text(again, published));
        var tests = published.Tests.Zip(again.Tests).ToArray();
        return new RepeatedCell(published.Key, cell, published.Version, published.Tests.Sum(t => t.Episodes),
            published.Tests.Sum(t => t.Successes), again.Tests.Sum(t => t.Successes),
            tests.Sum(pair => Outcomes(pair.First).Zip(Outcomes(pair.Second)).Count(ended => ended.First != ended.Second)),
            Math.Round(tests.Select(pair => Math.Abs(pair.First.FinalDistanceCentimetres - pair.Second.FinalDistanceCentimetres))
                .DefaultIfEmpty(0).Max(), 3),
            [.. before.Select(p => p.Key).Union(now.Select(p => p.Key)).Except(Free)
                .Where(name => !JsonNode.DeepEquals(before[name], now[name]))]);

        static bool[] Outcomes(TestRecord test) => EpisodeBits.Decode(test.Succeeded, test.Episodes);
        static JsonObject Text(CellResult cell, CellResult other) => JsonSerializer.SerializeToNode(cell with
        {
            Losses = cell.Losses with
            {
                Metrics = cell.Losses.Metrics.Where(m => other.Losses.Metrics.ContainsKey(m.Key)).ToDictionary(m => m.Key, m => m.Value),
            },
        }, ExperimentFile.Form<CellResult>())!.AsObject();
    }
}
