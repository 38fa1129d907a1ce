using System.Globalization;
using CrossModal.Engine.Tensors;
using CrossModal.Reports;

namespace CrossModal.Publish.Questions;

/// <summary>How two measures of some policies go together, with an interval over policies drawn with replacement.</summary>
internal static class Correlation
{
    private const int Draws = 4000;

    /// <summary>Pearson's r with its 95 % interval as text: <c>+0.77 [+0.60, +0.88]</c>.</summary>
    public static string Pearson(IReadOnlyList<double> x, IReadOnlyList<double> y) => Text(x, y, OfPearson);

    /// <summary>Spearman's rank correlation likewise.</summary>
    public static string Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y) =>
        Text(x, y, (a, b) => HowAligned.Spearman(a, b));

    /// <summary>How often a policy that fails has the smaller number of two, one that fails and one that does not, with its interval; a
    /// dash where there are not both.</summary>
    /// <param name="score">A number of each policy.</param>
    /// <param name="fails">Whether it fails.</param>
    public static string Auroc(IReadOnlyList<double> score, IReadOnlyList<bool> fails) =>
        Text(score, [.. fails.Select(f => f ? 1.0 : 0)], (s, f) => Area(s, f), sign: false);

    internal static double Area(IReadOnlyList<double> score, IReadOnlyList<double> fails)
    {
        var (sum, pairs) = (0.0, 0);
        for (var i = 0; i < score.Count; i++)
            for (var j = 0; j < score.Count; j++)
            {
                if (fails[i] < 0.5 || fails[j] > 0.5) continue;
                pairs++;
                sum += score[i] < score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
            }

        return pairs == 0 ? double.NaN : sum / pairs;
    }

    internal static double OfPearson(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        var (a, b) = (x.Average(), y.Average());
        var (both, first, second) = (x.Zip(y, (p, q) => (p - a) * (q - b)).Sum(), x.Sum(p => (p - a) * (p - a)),
            y.Sum(q => (q - b) * (q - b)));
        return first == 0 || second == 0 ? double.NaN : both / Math.Sqrt(first * second);
    }

    private static string Text(IReadOnlyList<double> x, IReadOnlyList<double> y, Func<IReadOnlyList<double>, IReadOnlyList<double>,
        double> of,
        bool sign = true)
    {
        var value = x.Count < 3 ? double.NaN : of(x, y);
        if (double.IsNaN(value)) return "–";
        var (random, drawn) = (new RandomSource(1), new List<double>());
        for (var draw = 0; draw < Draws; draw++)
        {
            var picked = Enumerable.Range(0, x.Count).Select(_ => random.NextInt(x.Count)).ToArray();
            var one = of([.. picked.Select(i => x[i])], [.. picked.Select(i => y[i])]);
            if (double.IsFinite(one)) drawn.Add(one);
        }

        drawn.Sort();
        return $"{Signed(value)} [{Signed(drawn[(int)(0.025 * drawn.Count)])}, {Signed(drawn[(int)(0.975 * drawn.Count)])}]";

        string Signed(double number) => !sign ? HtmlWriter.Fixed(number, 2)
            : number.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture);
    }
}
