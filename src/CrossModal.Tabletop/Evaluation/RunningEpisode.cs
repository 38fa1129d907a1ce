using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>One episode under way: its simulator, the commands still to be executed and what is judged about it.</summary>
internal sealed class RunningEpisode
{
    private readonly RobotTask _task;
    private readonly CameraRig _rig;
    private readonly CameraFrame[] _frames;
    private readonly Pointing _pointing;
    private readonly RobotAction[] _chunk;
    private readonly float[] _proprioception = new float[Proprioception.Length];
    private readonly List<byte[]> _kept = [];
    private readonly List<Point> _path = [];
    private Simulator _simulator = null!;
    private EpisodeSetup _episode = null!;
    private Appearance? _appearance;
    private PointingScore _score;
    private int _index, _steps, _reachedFor, _firstTouched, _nextOfChunk;
    private bool _keepsFrames;

    public RunningEpisode(RobotTask task, CameraRig rig, IPolicy policy)
    {
        _task = task;
        _rig = rig;
        _pointing = policy.Pointing;
        _chunk = new RobotAction[policy.ChunkLength];
        _frames = rig.NewFrames();
        Observation = new TabletopObservation(_frames, _proprioception);
    }

    public TabletopObservation Observation { get; }

    public bool NeedsCommands => _nextOfChunk == _chunk.Length;

    public void Start(int index, EpisodeSetup episode, Appearance? appearance, bool keepsFrames)
    {
        _appearance = appearance;
        _score = PointingScore.None;
        _simulator = new Simulator(episode.Start);
        _episode = episode;
        _index = index;
        _keepsFrames = keepsFrames;
        _steps = _reachedFor = 0;
        _firstTouched = -1;
        _nextOfChunk = _chunk.Length;
        _kept.Clear();
        _path.Clear();
        _path.Add(episode.Start.Gripper.Tool);
        Observation.EpisodeIndex = index;
        Observation.Past = null;
        Observation.Instruction = episode.Instruction;
        Observation.Goal = episode.Goal;
    }

    public TabletopObservation Observe(bool draw)
    {
        Observation.Scene = _simulator.Scene;
        Proprioception.Write(_simulator.Scene, _proprioception);
        if (draw)
            _rig.Render(_simulator.Scene, _frames, _appearance);
        return Observation;
    }

    public void Accept(ReadOnlySpan<RobotAction> chunk)
    {
        chunk.CopyTo(_chunk);
        _nextOfChunk = 0;
        if (_steps == 0 && _pointing != Pointing.Nothing)
            _score = PointingScore.Measure(_task, _simulator.Scene, _episode.Goal, _pointing, Observation.Pointed);
    }

    /// <summary>Executes the next command; returns the result when that ended the episode.</summary>
    public EpisodeResult? Step()
    {
        Keep();
        _simulator.Step(_chunk[_nextOfChunk++]);
        _steps++;
        if (_firstTouched < 0)
            _firstTouched = _simulator.TouchedObject;
        var scene = _simulator.Scene;
        _path.Add(scene.Gripper.Tool);
        var disturbed = Disturbance(scene);
        if (disturbed != FailureReason.None)
            return Finish(disturbed);
        _reachedFor = _task.IsReached(_episode.Start, scene, _episode.Goal) ? _reachedFor + 1 : 0;
        if (_reachedFor >= _task.HoldSteps)
            return Finish(FailureReason.None);
        return _steps >= _task.MaxSteps ? Finish(FailureReason.Timeout) : null;
    }

    private FailureReason Disturbance(Scene scene)
    {
        for (var i = 0; i < scene.Objects.Length; i++)
        {
            var moved = i != _episode.Goal.Target
                && scene.Objects[i].Position.DistanceTo(_episode.Start.Objects[i].Position) > RobotTask.MaxDisturbance;
            if (moved)
                return scene.Gripper.Held == i ? FailureReason.WrongObjectLifted : FailureReason.MovedOtherObject;
        }

        return FailureReason.None;
    }

    private EpisodeResult Finish(FailureReason failure)
    {
        Keep();
        var scene = _simulator.Scene;
        return new EpisodeResult(
            _index, _episode.Seed, _episode.Instruction.Text, _steps, failure, _firstTouched, _firstTouched == _episode.Goal.Target,
            _task.Distance(_episode.Start, scene, _episode.Goal), scene, [.. _kept])
        {
            ToolPath = [.. _path],
            Chance = _task.Chance(_episode.Start, _episode.Goal),
            TargetError = _score.Error,
            PointedAtTarget = _score.IsTarget,
        };
    }

    private void Keep()
    {
        if (!_keepsFrames)
            return;
        _rig.Render(_simulator.Scene, _frames, _appearance);
        _kept.Add([.. Observation.Frame.Rgb]);
    }
}
