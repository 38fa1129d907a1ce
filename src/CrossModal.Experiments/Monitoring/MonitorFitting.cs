using CrossModal.Explain.Monitor;

namespace CrossModal.Experiments.Monitoring;

/// <summary>Fits a monitor to recorded episodes, and scores episodes by it.</summary>
internal static class MonitorFitting
{
    /// <summary>After how many steps the counterfactual effect is computed again, unless asked for otherwise: the monitor is as good as
    /// with that of every step, and it takes 0.2 to 0.6 percent of the time from a camera's picture (docs/monitor.md).</summary>
    public const int EffectEvery = 32;

    /// <summary>Trains the network; every episode counts alike.</summary>
    /// <param name="layout">Which of the recorded numbers are used: the counterfactual effect of all steps, of some, or of none.</param>
    /// <param name="rollouts">Episodes that succeed and fail.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">All succeed, or all fail.</exception>
    public static MonitorNetwork Train(MonitorLayout layout, IReadOnlyList<Rollout> rollouts, MonitorTrainingOptions options) =>
        Train([.. rollouts.Select(r => Inputs(layout, r))], rollouts, options);

    /// <summary>Trains a network on inputs of one's own.</summary>
    /// <param name="inputs">Of every episode, a row for each step.</param>
    /// <param name="rollouts">The episodes.</param>
    /// <param name="options">How.</param>
    public static MonitorNetwork Train(IReadOnlyList<float[][]> inputs, IReadOnlyList<Rollout> rollouts, MonitorTrainingOptions options)
    {
        var (rows, failed, weights) = (new List<float[]>(), new List<bool>(), new List<double>());
        foreach (var (rollout, steps) in rollouts.Zip(inputs))
        {
            foreach (var step in steps)
            {
                rows.Add(step);
                failed.Add(!rollout.Success);
                weights.Add(1.0 / steps.Length);
            }
        }

        return MonitorTraining.Fit(rows, failed, weights, options);
    }

    /// <summary>What the network is given of every step of an episode.</summary>
    public static float[][] Inputs(MonitorLayout layout, Rollout rollout)
    {
        var window = new MonitorWindow(layout);
        var inputs = new float[rollout.Steps][];
        for (var step = 0; step < inputs.Length; step++) inputs[step] = window.Next(rollout.Step(step)[..layout.Count]).ToArray();
        return inputs;
    }

    /// <summary>Finds the threshold from successes that the network was not trained on.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layout">How its inputs are made.</param>
    /// <param name="held">Episodes; those that succeed count.</param>
    /// <param name="alpha">Largest share of successes stopped by mistake.</param>
    /// <exception cref="ArgumentException">There are too few successes for this α.</exception>
    public static MonitorFile Calibrate(MonitorNetwork network, MonitorLayout layout, IReadOnlyList<Rollout> held, double alpha)
    {
        float[] scores = [.. held.Where(r => r.Success).Select(r => Score(network, layout, r).Scores[^1])];
        return new MonitorFile(layout, network, ConformalRank.Threshold(scores, alpha), alpha, scores.Length);
    }

    /// <summary>The largest probability of failure so far, after every step of an episode.</summary>
    public static ScoredEpisode Score(MonitorNetwork network, MonitorLayout layout, Rollout rollout) => Highest(rollout,
        Array.ConvertAll(Inputs(layout, rollout), input => MonitorNetwork.Probability(network.Logit(input))));

    /// <summary>Scores of an episode as the largest so far.</summary>
    public static ScoredEpisode Highest(Rollout rollout, float[] scores)
    {
        for (var step = 1; step < scores.Length; step++) scores[step] = MathF.Max(scores[step], scores[step - 1]);
        return new ScoredEpisode(rollout.Success, rollout.Limit, scores);
    }
}
