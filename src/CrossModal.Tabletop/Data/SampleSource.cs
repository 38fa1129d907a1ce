using System.Collections.Immutable;
using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Expert;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Data;

/// <summary>
/// Behaviour-cloning data without end: sample i is a function of seed, i and the curriculum's share alone, so any thread may
/// draw any sample, and training resumes at any step. States are random ones, not the expert's own, and labels are clean.
/// </summary>
internal sealed class SampleSource
{
    private const int Attempts = 8;

    private readonly ImmutableArray<RobotTask> _tasks;
    private readonly SampleOptions _options;

    /// <summary>Creates a source over some tasks, each sample being of one of them.</summary>
    /// <exception cref="ArgumentException">There is no task, no instruction for a state, or a share outside 0 … 1.</exception>
    public SampleSource(IEnumerable<RobotTask> tasks, SampleOptions? options = null)
    {
        _tasks = [.. tasks];
        _options = options ?? new SampleOptions();
        if (_tasks.IsEmpty)
            throw new ArgumentException("SampleSource: at least one task is needed.", nameof(tasks));
        if (_options.InstructionsPerState < 1)
            throw new ArgumentException($"SampleSource: {_options.InstructionsPerState} instructions for a state; at least 1 is needed.",
                nameof(options));
        float[] own = [_options.HoldingTargetShare, _options.CarryingShare, _options.PushingShare],
            others = [_options.HoldingWrongShare, _options.NearShare, _options.AroundShare];
        if (!(own.Concat(others).Min() >= 0 && own.Max() + _options.HoldingWrongShare <= 1
            && _options.NearShare + _options.AroundShare <= 1))
            throw new ArgumentException(
                "SampleSource: the shares of the holding states, and those of the others, must lie in 0 to 1 and add up to at most 1.",
                nameof(options));
        foreach (var share in (ReadOnlySpan<float>)[_options.PartialNames, _options.UnnamedColors, _options.ShapeLessons])
            if (!(share is >= 0 and <= 1))
                throw new ArgumentException(
                $"SampleSource: a share of partial names, unnamed colours or shape lessons of {share}; it must lie in 0 to 1.",
                nameof(options));
    }

    /// <summary>Draws a sample; safe to call from many threads.</summary>
    /// <param name="index">Number of the sample.</param>
    /// <param name="smallSceneShare">The curriculum: share of scenes with only 1 or 2 objects.</param>
    public TrainingSample Draw(long index, float smallSceneShare = 0)
    {
        var seed = Split.Training.SceneSeed(_options.Seed, index);
        // The episode has its own stream, so that a state's draws do not change which scene it is.
        var random = new RandomSource(RandomSource.DeriveSeed(seed, 1), RandomSource.SeedAlone);
        var task = _tasks[random.NextInt(_tasks.Length)];
        var episode = task.Sample(seed, Split.Training, random.NextBool(smallSceneShare) ? SceneOptions.Small : _options.Objects,
            _options.Language);
        episode = Repainting.Paint(episode, random, _options.UnnamedColors, _options.ShapeLessons);
        var possible = task.Goals(episode.Start)
            .Where(goal => PartialNames.CanSay(episode.Start, goal)
                && Split.Training.MayBeTarget(task.Name, episode.Start.Objects[goal.Target].Kind)).ToList();
        var kind = DrawKind(random, task, episode);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var scene = StateSampler.Draw(random, episode, kind);
            if (scene is null)
                break;
            // Hands carry and push things into the corner that training must not know.
            if (HeldOutRegion.IsOccupied(scene))
                continue;
            var goals = Remaining(task, scene, possible, kind);
            if (goals.Count > 0)
                return Label(random, task, scene, kind, episode.Goal, goals);
        }

        var undisturbed = StateSampler.High(random, episode.Start);
        return Label(random, task, undisturbed, StateKind.Anywhere, episode.Goal, [.. possible]);
    }

    private StateKind DrawKind(RandomSource random, RobotTask task, EpisodeSetup episode)
    {
        var holding = random.NextSingle();
        var carries = episode.Goal.Reference >= 0 && episode.Start.Objects[episode.Goal.Reference].IsPlate;
        var target = carries ? _options.CarryingShare : task.Grasps ? _options.HoldingTargetShare : _options.PushingShare;
        if (holding < target)
            return task.Grasps ? StateKind.HoldingTarget : StateKind.Pushing;
        if (holding < target + _options.HoldingWrongShare)
            return StateKind.HoldingWrong;
        var place = random.NextSingle();
        return place < _options.NearShare ? StateKind.Near
            : place < _options.NearShare + _options.AroundShare ? StateKind.Around
            : StateKind.Anywhere;
    }

    /// <summary>The goals that still mean the same after the hand has pushed things, and that fit the kind of state.</summary>
    private static List<Goal> Remaining(RobotTask task, Scene scene, IReadOnlyList<Goal> possible, StateKind kind)
    {
        var held = scene.Gripper.Held;
        return
        [
            .. task.Remaining(scene, possible).Where(goal => kind switch
            {
                StateKind.HoldingTarget => goal.Target == held,
                StateKind.HoldingWrong => goal.Target != held && goal.Reference != held,
                _ => true,
            }),
        ];
    }

    private TrainingSample Label(RandomSource random, RobotTask task, Scene scene, StateKind kind, Goal main, List<Goal> goals)
    {
        // The episode's own goal comes first: relational scenes are balanced for it. The others follow in random order,
        // and are asked again in other words when there are too few.
        var order = goals.ToArray();
        random.Shuffle<Goal>(order);
        var at = Array.IndexOf(order, main);
        if (at > 0)
            (order[0], order[at]) = (order[at], order[0]);
        var labels = ImmutableArray.CreateBuilder<LabeledInstruction>(_options.InstructionsPerState);
        for (var i = 0; i < _options.InstructionsPerState; i++)
        {
            var goal = order[i % order.Length];
            var label = task.Label(scene, goal);
            var template = PartialNames.Shorten(task.DrawTemplate(random, _options.Language), scene, goal, random, _options.PartialNames);
            var instruction = template.Fill(scene, goal.Target, goal.Reference, goal.Relation, goal.Direction);
            labels.Add(new LabeledInstruction(task, instruction, goal, label.Action, Points(task, scene, goal, label.Target)));
        }

        return new TrainingSample(scene, kind, labels.MoveToImmutable());
    }

    private static ExpertPoints Points(RobotTask task, Scene scene, Goal goal, Point heading)
    {
        var place = goal.Reference >= 0 ? GraspOf(scene.Objects[goal.Reference])
            // With an empty hand up high the expert heads for where its work begins: at the thing, or behind it.
            : task.Label(scene.With(Gripper.OpenAt(scene.Gripper.Tool with { Z = Board.ToolCeiling })), goal).Target;
        return new ExpertPoints(Board.Normalize(heading), Board.Normalize(GraspOf(scene.Objects[goal.Target])), Board.Normalize(place));
    }

    private static Point GraspOf(TabletopObject thing) =>
        thing.Position with { Z = (thing.IsPlate ? thing.Top : thing.Position.Z) + GraspExpert.GraspHeight };
}
