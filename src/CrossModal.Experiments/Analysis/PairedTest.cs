using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Statistics;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Experiments.Analysis;

/// <summary>Compares two rows on the same test episodes, over training runs of the same seeds.</summary>
/// <param name="First">The one that is to be better.</param>
/// <param name="Second">The other.</param>
/// <param name="Runs">Number of training runs of each.</param>
/// <param name="Difference">First minus second, with the bootstrap interval over training runs and episodes; of one run, over its
/// episodes.</param>
/// <param name="Test">McNemar's test, episodes of all runs joined: it is about these trained policies on these episodes, not of the next
/// training.</param>
/// <param name="Adjusted">Its p-value, corrected for the tests made together.</param>
public sealed record PairedTest(Row First, Row Second, int Runs, ConfidenceInterval Difference, McNemarTest Test, double Adjusted)
{
    /// <summary>Whether the interval over training runs excludes 0; null where there is one run of each, which has no such
    /// interval.</summary>
    public bool? IsSignificant => Runs > 1 ? Difference.ExcludesZero : null;

    /// <summary>Tests pairs of rows in a split, with p-values corrected together (Holm); pairs that share no episodes are left
    /// out.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="split">Name of the split.</param>
    public static IReadOnlyList<PairedTest> Of(IEnumerable<(Row First, Row Second)> pairs, string split)
    {
        var tested = new List<PairedTest>();
        foreach (var (first, second) in pairs)
        {
            var (a, b) = Shared(first, second, split);
            if (a.Count == 0) continue;
            var test = McNemarTest.Of([.. a.SelectMany(r => r)], [.. b.SelectMany(r => r)]);
            tested.Add(new PairedTest(first, second, a.Count, Bootstrap.Difference(b, a), test, 1));
        }

        var adjusted = HolmCorrection.Adjust([.. tested.Select(t => t.Test.PValue)]);
        return [.. tested.Select((t, i) => t with { Adjusted = adjusted[i] })];
    }

    /// <summary>Outcomes of training runs with the same seed in tests of the same episodes, run by run.</summary>
    private static (List<IReadOnlyList<bool>> First, List<IReadOnlyList<bool>> Second) Shared(Row first, Row second, string split)
    {
        var shared = (First: new List<IReadOnlyList<bool>>(), Second: new List<IReadOnlyList<bool>>());
        foreach (var cell in first.Cells)
        {
            if (second.Cells.FirstOrDefault(c => c.Configuration.Recipe.Seed == cell.Configuration.Recipe.Seed) is not { } other) continue;
            var (a, b) = (new List<bool>(), new List<bool>());
            foreach (var test in Row.Tests(cell, split, null, PolicyControl.None))
            {
                if (other.Find(test.Task, split) is not { } match || match.Seed != test.Seed) continue;

                // A longer test begins with the episodes of a shorter one.
                var episodes = Math.Min(test.Episodes, match.Episodes);
                a.AddRange(EpisodeBits.Decode(test.Succeeded, test.Episodes).Take(episodes));
                b.AddRange(EpisodeBits.Decode(match.Succeeded, match.Episodes).Take(episodes));
            }

            if (a.Count == 0) continue;
            shared.First.Add(a);
            shared.Second.Add(b);
        }

        return shared;
    }
}
