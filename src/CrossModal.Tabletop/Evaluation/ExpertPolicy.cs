using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>The expert as a policy: reads the true state, so it bounds what any policy can reach.</summary>
/// <param name="task">The task whose expert acts.</param>
public sealed class ExpertPolicy(RobotTask task) : IPolicy
{
    /// <inheritdoc/>
    public bool UsesCamera => false;

    /// <inheritdoc/>
    public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
    {
        for (var i = 0; i < observations.Length; i++)
            actions[i] = task.Label(observations[i].Scene, observations[i].Goal).Action;
    }
}
