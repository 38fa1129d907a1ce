namespace CrossModal.Publish.Questions;

/// <summary>Tables of how well the instruction effect and NMR@10 predict success, policy by policy.</summary>
internal static class SuccessPrediction
{
    private const double Fails = 0.5;
    private static readonly double[] Shares = [0.1, 0.2, 0.3, 0.5, 1];

    /// <summary>Share of the training, policies, rank correlation of the effect with the final success on unseen pairs, and how often a
    /// policy that fails there has the smaller effect of two.</summary>
    /// <param name="policies">The effect of each policy at a share of its training, and its success.</param>
    public static List<string[]> Early(IReadOnlyList<(Func<double, double> EffectAt, double Success)> policies) =>
        [.. Shares.Select(share => Early(share, policies))];

    /// <summary>Task, policies, and Pearson's r of the effect and of NMR@10 with success on new layouts and unseen pairs; the last row is
    /// the mean over tasks.</summary>
    /// <param name="policies">Policies of a comparison.</param>
    public static List<string[]> ByTask(IReadOnlyList<ComparedPolicy> policies)
    {
        string[] tasks = [.. policies.SelectMany(p => p.Cell.Configuration.Recipe.Tasks).Distinct()];
        return tasks.Length == 0 ? [] : [.. tasks.Append(ComparedPolicy.AllTasks).Select(Row)];

        string[] Row(string task)
        {
            var tested = policies.Where(p => double.IsFinite(p.Success(task, "S0")) && double.IsFinite(p.Success(task, "Z1"))).ToList();
            double[] effect = [.. tested.Select(p => p.EffectAt(1))], nuisance = [.. tested.Select(p => p.NuisanceOf(task))];
            double[] layouts = [.. tested.Select(p => p.Success(task, "S0"))], pairs = [.. tested.Select(p => p.Success(task, "Z1"))];
            return [task, $"{tested.Count}", Correlation.Pearson(effect, layouts), Correlation.Pearson(effect, pairs),
                Correlation.Pearson(nuisance, layouts), Correlation.Pearson(nuisance, pairs)];
        }
    }

    private static string[] Early(double share, IReadOnlyList<(Func<double, double> EffectAt, double Success)> policies)
    {
        var known = policies.Select(p => (Effect: p.EffectAt(share), p.Success)).Where(p => double.IsFinite(p.Effect)).ToList();
        double[] effect = [.. known.Select(p => p.Effect)];
        return [$"{100 * share:0} %", $"{known.Count}", Correlation.Spearman(effect, [.. known.Select(p => p.Success)]),
            Correlation.Auroc(effect, [.. known.Select(p => p.Success < Fails)])];
    }
}
