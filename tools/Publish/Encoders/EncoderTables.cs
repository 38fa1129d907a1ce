using System.Globalization;
using CrossModal.Experiments.Statistics;
using CrossModal.Publish.Questions;
using CrossModal.Reports;

namespace CrossModal.Publish.Encoders;

/// <summary>The tables and values of documents that the experiment on pretrained encoders gives.</summary>
internal static class EncoderTables
{
    /// <summary>Number that stands for the study among the answers to questions.</summary>
    private const int NoQuestion = 0;

    /// <summary>Tables <c>encoders-tabletop</c>, <c>encoders-tasks</c> and <c>encoders-recorded</c>; values <c>encoders WORDS SPLIT</c>,
    /// <c>encoders command|machine|seeds|episodes|tabletop-steps|recorded-steps|held-out</c>.</summary>
    public static Answer Of(EncoderStudy study)
    {
        var answer = new Answer
        {
            Question = NoQuestion,
            Command = study.Command,
            Machine = study.Machine,
            Values =
            {
                ["encoders command"] = study.Command,
                ["encoders machine"] = study.Machine,
                ["encoders seeds"] = $"{study.Tabletop.Select(c => c.Seed).Distinct().Count()}",
                ["encoders episodes"] = study.Tabletop.Count == 0 ? "0" : study.Tabletop.GroupBy(c => (c.Words, c.Seed, c.Split))
                    .Max(g => g.Sum(c => c.Episodes)).ToString("N0", CultureInfo.InvariantCulture),
                ["encoders tabletop-steps"] = study.TabletopSteps.ToString("N0", CultureInfo.InvariantCulture),
                ["encoders recorded-steps"] = study.RecordedSteps.ToString("N0", CultureInfo.InvariantCulture),
                ["encoders held-out"] = $"{study.HeldOut}",
            },
        };
        answer.Tables["encoders-tabletop"] = Tabletop(study, answer.Values);
        answer.Tables["encoders-tasks"] = Tasks(study);
        answer.Tables["encoders-recorded"] = Recorded(study);
        return answer;
    }

    /// <summary>Split, chance, and success of each kind of words over all tasks, with intervals over training runs.</summary>
    private static List<string[]> Tabletop(EncoderStudy study, Dictionary<string, string> values)
    {
        var rows = new List<string[]>();
        foreach (var split in study.Tabletop.GroupBy(c => c.Split))
        {
            var row = new List<string> { split.Key, Interval.Percent(split.Average(c => c.Chance)) };
            foreach (var words in study.Tabletop.Select(c => c.Words).Distinct())
            {
                var text = Success([.. split.Where(c => c.Words == words)]);
                values[$"encoders {words} {split.Key}"] = text;
                row.Add(text);
            }

            rows.Add([.. row]);
        }

        return rows;
    }

    private static List<string[]> Tasks(EncoderStudy study) =>
    [
        .. from split in study.Tabletop.GroupBy(c => c.Split)
           from task in split.GroupBy(c => c.Task)
           select (string[])[split.Key, task.Key, Interval.Percent(task.Average(c => c.Chance)),
               .. study.Tabletop.Select(c => c.Words).Distinct().Select(words => Success([.. task.Where(c => c.Words == words)]))],
    ];

    private static List<string[]> Recorded(EncoderStudy study) =>
    [
        .. from kind in study.Recorded.GroupBy(c => (c.Pictures, c.Words))
           let ratios = kind.Select(c => c.Ratio).ToList()
           select (string[])[kind.Key.Pictures, kind.Key.Words, Fixed(ratios.Average()), $"{Fixed(ratios.Min())}–{Fixed(ratios.Max())}",
               Fixed(kind.Average(c => c.Spread)), Fixed(kind.Average(c => c.Apart))],
    ];

    private static string Success(IReadOnlyList<TabletopCell> cells)
    {
        if (cells.Count == 0) return "";
        var interval = Bootstrap.RateOfCounts([.. cells.GroupBy(c => c.Seed).Select(run => (run.Sum(c => c.Successes),
            run.Sum(c => c.Episodes)))]);
        return $"{Interval.Percent(interval.Value)} [{Interval.PercentNumber(interval.Lower)}, {Interval.PercentNumber(interval.Upper)}]";
    }

    private static string Fixed(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
