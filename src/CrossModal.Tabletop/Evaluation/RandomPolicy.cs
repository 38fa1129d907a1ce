using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>Moves and grasps at random: the floor under every policy. Depends on the order of its calls, so use a fresh one for each
/// run.</summary>
/// <param name="seed">Seed of its random numbers.</param>
internal sealed class RandomPolicy(ulong seed) : IPolicy
{
    private readonly RandomSource _random = new(seed, RandomSource.SeedAlone);

    /// <inheritdoc/>
    public bool UsesCamera => false;

    /// <inheritdoc/>
    public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
    {
        foreach (ref var action in actions)
            action = new RobotAction(Displacement(), Displacement(), Displacement(), _random.NextBool(0.5f));
    }

    private float Displacement() => _random.NextSingle(-RobotAction.MaxStep, RobotAction.MaxStep);
}
