using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>A step of an episode in which the expert acts, with the pictures of the steps before: what a policy with past frames is
/// measured on. It is the first step that has them all; without past frames the start of the episode.</summary>
internal sealed class ExpertStep
{
    private ExpertStep(EpisodeSetup episode, CameraFrame[][] frames) => (Episode, Frames) = (episode, frames);

    /// <summary>The episode as if it started at the step.</summary>
    public EpisodeSetup Episode { get; }

    /// <summary>The pictures of all cameras, newest first: those of the step, then those of the steps before.</summary>
    public CameraFrame[][] Frames { get; }

    /// <summary>The pictures of the step.</summary>
    public CameraFrame[] Current => Frames[0];

    /// <summary>Those of the steps before, the step before first.</summary>
    public CameraFrame[][] Past => Frames[1..];

    /// <summary>Runs the expert.</summary>
    /// <param name="task">The task.</param>
    /// <param name="episode">The episode.</param>
    /// <param name="rig">The cameras.</param>
    /// <param name="past">How many past frames there are to be.</param>
    public static ExpertStep Of(RobotTask task, EpisodeSetup episode, CameraRig rig, int past)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(episode);
        ArgumentNullException.ThrowIfNull(rig);
        var (state, simulator, frames) = (episode.Start, new Simulator(episode.Start), new CameraFrame[past + 1][]);
        for (var age = past; age >= 0; age--)
        {
            rig.Render(state, frames[age] = rig.NewFrames());
            if (age == 0) break;
            simulator.Step(task.Label(simulator.Scene, episode.Goal).Action);
            state = simulator.Scene;
        }

        return new ExpertStep(episode with { Start = state }, frames);
    }
}
