using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>Draws the episodes of an evaluation; each is a function of task, split, options and its number alone.</summary>
public static class EpisodeSource
{
    // Far from the numbers of any evaluation, so that the other episode is never one of those judged.
    private const long Elsewhere = 1L << 40;
    private const int Attempts = 100;
    private const ulong AnotherGoal = 0x60A1;

    /// <summary>Draws an episode.</summary>
    /// <param name="task">What is asked.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="options">Seed, crowding and which instruction is given.</param>
    /// <param name="index">Number of the episode.</param>
    /// <returns>The episode; null when another goal was asked for and the scene allows none.</returns>
    public static EpisodeSetup? Draw(RobotTask task, Split split, EvaluationOptions options, long index)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(options);
        var episode = Sample(task, split, options, index);
        return options.Asked switch
        {
            AskedInstruction.OfAnotherEpisode => WithInstructionOfAnother(task, split, options, index, episode),
            AskedInstruction.ForAnotherGoal => WithAnotherGoal(task, split, options, episode),
            _ => episode,
        };
    }

    private static EpisodeSetup Sample(RobotTask task, Split split, EvaluationOptions options, long index) =>
        task.Sample(split.SceneSeed(options.Seed, index), split, options.Objects, options.Language);

    private static EpisodeSetup WithInstructionOfAnother(RobotTask task, Split split, EvaluationOptions options, long index,
        EpisodeSetup episode)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var other = Sample(task, split, options, Elsewhere + (index * Attempts) + attempt);
            if (other.Instruction.Text != episode.Instruction.Text)
                return episode with { Instruction = other.Instruction };
        }

        throw new InvalidOperationException($"EpisodeSource: {Attempts} episodes of {task} {split} all say '{episode.Instruction}'.");
    }

    private static EpisodeSetup? WithAnotherGoal(RobotTask task, Split split, EvaluationOptions options, EpisodeSetup episode)
    {
        var others = task.Goals(episode.Start).Where(goal => goal != episode.Goal).ToArray();
        // Another target, if the scene has one, and one that the split may ask for: that is the clearest change.
        others = Prefer(others, goal => goal.Target != episode.Goal.Target);
        others = Prefer(others, goal => split.MayBeTarget(task.Name, episode.Start.Objects[goal.Target].Kind));
        if (others.Length == 0)
            return null;
        var random = new RandomSource(RandomSource.DeriveSeed(episode.Seed, AnotherGoal), RandomSource.SeedAlone);
        var chosen = others[random.NextInt(others.Length)];
        return episode with
        {
            Goal = chosen,
            Instruction = task.Describe(episode.Start, chosen, random, split.Sentences,
            options.Language)
        };
    }

    private static Goal[] Prefer(Goal[] goals, Func<Goal, bool> condition)
    {
        var preferred = goals.Where(condition).ToArray();
        return preferred.Length > 0 ? preferred : goals;
    }
}
