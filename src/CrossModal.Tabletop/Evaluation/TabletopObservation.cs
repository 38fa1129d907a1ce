using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>What a policy sees of one episode at one step.</summary>
public sealed class TabletopObservation
{
    internal TabletopObservation(CameraFrame[] frames, float[] proprioception)
    {
        Frames = frames;
        Proprioception = proprioception;
    }

    /// <summary>Number of the episode; stays the same from step to step, so work that depends on the instruction alone can be
    /// kept.</summary>
    public int EpisodeIndex { get; internal set; }

    /// <summary>The front camera's picture; undrawn when <see cref="IPolicy.UsesCamera"/> is false.</summary>
    public CameraFrame Frame => Frames[0];

    /// <summary>The pictures of all cameras.</summary>
    public IReadOnlyList<CameraFrame> Frames { get; }

    /// <summary>The instruction.</summary>
    public Instruction Instruction { get; internal set; } = null!;

    /// <summary>Proprioception, `[5]`; see <see cref="Simulation.Proprioception"/>.</summary>
    public ReadOnlyMemory<float> Proprioception { get; }

    /// <summary>Where the policy points, set by it, board frame, metres; what that means is its <see cref="IPolicy.Pointing"/>.</summary>
    public Point Pointed { get; set; }

    /// <summary>What a policy keeps of the episode's earlier pictures, set by it; null at the episode's start.</summary>
    internal PastMemory? Past { get; set; }

    /// <summary>The true state: for the expert and for oracles that measure shortcuts, never for a policy under test.</summary>
    internal Scene Scene { get; set; } = null!;

    /// <summary>The true goal, as above.</summary>
    internal Goal Goal { get; set; }
}
