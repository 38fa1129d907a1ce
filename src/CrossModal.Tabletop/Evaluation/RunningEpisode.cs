using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>One episode under way: its simulator, the commands still to be executed and what is judged about it.</summary>
internal sealed class RunningEpisode
{
    private readonly RobotTask _task;
    private readonly TabletopCamera _camera;
    private readonly RobotAction[] _chunk;
    private readonly float[] _proprioception = new float[Proprioception.Length];
    private readonly List<byte[]> _frames = [];
    private Simulator _simulator = null!;
    private Episode _episode = null!;
    private int _index, _steps, _reachedFor, _firstTouched, _nextOfChunk;
    private bool _keepsFrames;

    public RunningEpisode(RobotTask task, TabletopCamera camera, int chunkLength)
    {
        _task = task;
        _camera = camera;
        _chunk = new RobotAction[chunkLength];
        Observation = new Observation(new CameraFrame(camera.Size), _proprioception);
    }

    public Observation Observation { get; }

    public bool NeedsCommands => _nextOfChunk == _chunk.Length;

    public void Start(int index, Episode episode, bool keepsFrames)
    {
        _simulator = new Simulator(episode.Start);
        _episode = episode;
        _index = index;
        _keepsFrames = keepsFrames;
        _steps = _reachedFor = 0;
        _firstTouched = -1;
        _nextOfChunk = _chunk.Length;
        _frames.Clear();
        Observation.EpisodeIndex = index;
        Observation.Instruction = episode.Instruction;
        Observation.Goal = episode.Goal;
    }

    public Observation Observe(bool draw)
    {
        Observation.Scene = _simulator.Scene;
        Proprioception.Write(_simulator.Scene, _proprioception);
        if (draw)
            _camera.Render(_simulator.Scene, Observation.Frame);
        return Observation;
    }

    public void Accept(ReadOnlySpan<RobotAction> chunk)
    {
        chunk.CopyTo(_chunk);
        _nextOfChunk = 0;
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
            _task.Distance(_episode.Start, scene, _episode.Goal), scene, [.. _frames]);
    }

    private void Keep()
    {
        if (!_keepsFrames)
            return;
        _camera.Render(_simulator.Scene, Observation.Frame);
        _frames.Add([.. Observation.Frame.Rgb]);
    }
}
