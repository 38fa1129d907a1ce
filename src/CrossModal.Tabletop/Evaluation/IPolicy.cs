using CrossModal.Tabletop.Simulation;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>Anything that turns observations into commands; it is given many at once so that it can batch them.</summary>
public interface IPolicy
{
    /// <summary>Number of commands returned for one observation; they are executed one after the other without another
    /// observation.</summary>
    int ChunkLength => 1;

    /// <summary>Whether observations need a drawn frame; a policy that uses no frame saves the time.</summary>
    bool UsesCamera => true;

    /// <summary>What it means by the point it shows in <see cref="TabletopObservation.Pointed"/>.</summary>
    Pointing Pointing => Pointing.Nothing;

    /// <summary>Chooses commands. The observations' frames are only valid during the call.</summary>
    /// <param name="observations">One observation for each episode that needs commands, `[B]`.</param>
    /// <param name="actions">Receives `[B, ChunkLength]` commands, those of one episode side by side.</param>
    void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions);
}
