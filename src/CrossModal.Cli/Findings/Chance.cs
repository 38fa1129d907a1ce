using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Findings;

/// <summary>What a policy reaches that acts perfectly but was told nothing: it does one of the things that could have been asked in its scene.</summary>
/// <param name="Goal">Share of episodes in which that is what was asked.</param>
/// <param name="Target">Share of episodes in which it touches the right object.</param>
internal sealed record Chance(double Goal, double Target)
{
    private const int Scenes = 100;

    /// <summary>The mean over the first test scenes of every task.</summary>
    public static Chance Of(IEnumerable<string> tasks, Split split, ulong seed = 1)
    {
        var (goal, target, scenes) = (0.0, 0.0, 0);
        foreach (var task in tasks.Select(RobotTasks.Find))
            for (var i = 0; i < Scenes; i++)
            {
                var episode = task.Sample(split.SceneSeed(seed, i), split, SceneOptions.Full);
                goal += task.Chance(episode.Start, episode.Goal);
                target += 1.0 / task.Goals(episode.Start).Select(g => g.Target).Distinct().Count();
                scenes++;
            }

        return scenes == 0 ? new Chance(double.NaN, double.NaN) : new Chance(goal / scenes, target / scenes);
    }
}
