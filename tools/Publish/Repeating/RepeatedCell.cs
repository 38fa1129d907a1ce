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
/// <param name="Differences">Parts of the cell that are not the same to the last bit: losses, learning, tests, grounding.</param>
internal sealed record RepeatedCell(string Key, string Cell, string Version, int Episodes, int Successes, int SuccessesAgain,
    int OtherOutcomes, IReadOnlyList<string> Differences)
{
    // What may differ between repetitions, and what a cell says of itself.
    private static readonly string[] Free = ["timing", "version"];

    /// <summary>Whether every loss, validation, outcome of an episode and share of attention is the same.</summary>
    public bool Agrees => Differences.Count == 0;

    /// <summary>Compares a repetition with what was published.</summary>
    /// <param name="cell">The cell in a few words.</param>
    /// <param name="published">What was published.</param>
    /// <param name="again">The repetition.</param>
    /// <exception cref="ArgumentException">They are not the same cell.</exception>
    public static RepeatedCell Of(string cell, CellResult published, CellResult again)
    {
        if (published.Key != again.Key)
            throw new ArgumentException($"the cell '{again.Key}' does not repeat '{published.Key}'", nameof(again));
        var (before, now) = (Text(published), Text(again));
        var other = published.Tests.Zip(again.Tests).Sum(pair =>
            EpisodeBits.Decode(pair.First.Succeeded, pair.First.Episodes)
                .Zip(EpisodeBits.Decode(pair.Second.Succeeded, pair.Second.Episodes)).Count(bits => bits.First != bits.Second));
        return new RepeatedCell(published.Key, cell, published.Version, published.Tests.Sum(t => t.Episodes),
            published.Tests.Sum(t => t.Successes), again.Tests.Sum(t => t.Successes), other,
            [.. before.Select(p => p.Key).Union(now.Select(p => p.Key)).Except(Free)
                .Where(name => !JsonNode.DeepEquals(before[name], now[name]))]);

        static JsonObject Text(CellResult cell) => JsonSerializer.SerializeToNode(cell, ExperimentFile.Form<CellResult>())!.AsObject();
    }
}
