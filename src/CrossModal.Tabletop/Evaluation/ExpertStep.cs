using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>A step of an episode in which the expert acts, with the pictures of the steps before: what a policy with past frames is
/// measured on. It is the first step that has them all; without past frames the start of the episode.</summary>
/// <param name="Episode">The episode as if it started at the step.</param>
/// <param name="Frames">The pictures of all cameras, newest first: those of the step, then those of the steps before.</param>
internal sealed record ExpertStep(EpisodeSetup Episode, IReadOnlyList<CameraFrame[]> Frames)
{
    /// <summary>The pictures of the step.</summary>
    public CameraFrame[] Current => Frames[0];

    /// <summary>Those of the steps before, the step before first.</summary>
    public IReadOnlyList<CameraFrame[]> Past => [.. Frames.Skip(1)];

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
        var states = new List<Scene> { episode.Start };
        var simulator = new Simulator(episode.Start);
        while (states.Count <= past)
        {
            simulator.Step(task.Label(simulator.Scene, episode.Goal).Action);
            states.Add(simulator.Scene);
        }

        states.Reverse();
        return new ExpertStep(episode with { Start = states[0] }, [.. states.Select(state =>
        {
            var frames = rig.NewFrames();
            rig.Render(state, frames);
            return frames;
        })]);
    }
}
