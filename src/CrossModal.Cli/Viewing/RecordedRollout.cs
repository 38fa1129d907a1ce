using CrossModal.Imaging;
using CrossModal.Layers;
using CrossModal.Server.Viewing;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Viewing;

/// <summary>A policy that acts in one episode, and every step of it: pictures, state, what the expert would do, and where what the words
/// name is.</summary>
/// <param name="inner">The policy that acts.</param>
/// <param name="task">The task, whose expert is asked.</param>
/// <param name="grid">Where the patches of a picture lie.</param>
/// <param name="words">The words of the instruction as the policy cuts it.</param>
internal sealed class RecordedRollout(IPolicy inner, RobotTask task, TokenGrid grid, IReadOnlyList<string> words) : IPolicy
{
    private readonly List<ViewedStep> _steps = [];

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<ViewedStep> Steps => _steps;

    /// <inheritdoc/>
    public Pointing Pointing => inner.Pointing;

    /// <inheritdoc/>
    public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
    {
        inner.Act(observations, actions);
        var observation = observations[0];
        var expert = task.Label(observation.Scene, observation.Goal).Action;
        _steps.Add(new ViewedStep([.. observation.Frames.Select(f => new RgbImage(f.Size, f.Size, [.. f.Rgb]))],
            observation.Proprioception.ToArray(), [expert.Dx, expert.Dy, expert.Dz, expert.Close ? 1 : 0])
        {
            Coverage = Coverage(observation),
        });
    }

    /// <summary>For each word the patches of what it names, of a verb those of the target.</summary>
    private float[]?[]? Coverage(TabletopObservation observation)
    {
        var instruction = observation.Instruction;
        if (!instruction.Words.SequenceEqual(words)) return null;
        var known = new Dictionary<int, float[]>();
        return [.. words.Select((_, w) =>
        {
            var named = instruction.Kinds[w] == WordKind.Verb ? observation.Goal.Target : instruction.ObjectIndices[w];
            if (named < 0) return null;
            if (!known.TryGetValue(named, out var coverage)) known[named] = coverage = Of(observation, named);
            return coverage;
        })];
    }

    private float[] Of(TabletopObservation observation, int named)
    {
        var coverage = new float[observation.Frames.Count * grid.Count];
        for (var view = 0; view < observation.Frames.Count; view++)
            observation.Frames[view].CoverageOfPatches(CameraFrame.IdOf(named), grid.Rows, grid.Columns,
                coverage.AsSpan(view * grid.Count, grid.Count));
        return coverage;
    }
}
