using System.Collections.Concurrent;
using CrossModal.Engine.Tensors;
using CrossModal.Experiments.Cells;
using CrossModal.Policies;

namespace CrossModal.Experiments.Plans;

/// <summary>How long cells take: first from their floating-point operations, then corrected by those that are finished.</summary>
internal sealed class ComparisonEstimate
{
    private const double FlopsPerSecond = 3e10;
    private const double SecondsPerPicture = 5e-4;
    private const double SecondsPerStep = 1e-3;
    private const double StepsOfEpisode = 30;

    // A backward pass computes about twice what the forward did.
    private const double BackwardFactor = 3;
    private static readonly ConcurrentDictionary<PolicyOptions, (double Policy, double Fusion)> Costs = new();
    private double _training, _trained, _evaluation, _evaluated;

    /// <summary>Learns from a finished cell.</summary>
    public void Learn(CellResult cell)
    {
        // One that ended early says nothing of how long a whole one takes.
        if (cell.Diverged is not null) return;
        var (training, evaluation) = Seconds(cell.Configuration);
        (_training, _trained) = (_training + training, _trained + cell.Timing.TrainingSeconds);
        (_evaluation, _evaluated) = (_evaluation + evaluation, _evaluated + cell.Timing.EvaluationSeconds);
    }

    /// <summary>Seconds a cell takes on one thread.</summary>
    public double Of(CellConfiguration configuration)
    {
        var (training, evaluation) = Seconds(configuration);
        return training * Factor(_trained, _training) + evaluation * Factor(_evaluated, _evaluation);
    }

    private static double Factor(double measured, double guessed) => measured > 0 && guessed > 0 ? measured / guessed : 1;

    private static (double Training, double Evaluation) Seconds(CellConfiguration cell)
    {
        var (policy, fusion) = Costs.GetOrAdd(cell.Policy, options => ControlStep.Flops(new LanguagePolicy(options, RandomSource.None)));
        var (recipe, plan) = (cell.Recipe, cell.Evaluation);

        // Training draws and encodes past frames anew; an episode keeps their tokens.
        var pictures = (1 + cell.Policy.Perception.PastFrames) * recipe.Scenes;
        var step = BackwardFactor * (pictures * (policy - fusion) + recipe.Scenes * recipe.Instructions * fusion) / FlopsPerSecond
            + pictures * SecondsPerPicture + SecondsPerStep;
        double episodes = plan.Tests.Sum(t => t.Episodes) + plan.LearningPoints * plan.ValidationEpisodes;
        return (recipe.Steps * step, episodes * StepsOfEpisode * (policy / FlopsPerSecond + SecondsPerPicture));
    }
}
