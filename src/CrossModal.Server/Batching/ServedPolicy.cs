using CrossModal.Explain.Monitor;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Server.Operations;

namespace CrossModal.Server.Batching;

/// <summary>A policy under its name: encodes observations, and asks the thread that computes its steps.</summary>
internal sealed class ServedPolicy
{
    private readonly IStepModel _model;
    private readonly BatchWorker _worker;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A policy, not yet ready.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="model">The policy.</param>
    /// <param name="options">Bounds of waiting.</param>
    /// <param name="margin">By which share the range of each number of an action is widened before an action is refused.</param>
    /// <param name="metrics">Receives counts and times.</param>
    public ServedPolicy(string name, IStepModel model, BatchOptions options, double margin, ServerMetrics metrics)
    {
        (Name, _model) = (name, model);
        _worker = new BatchWorker(name, model, options, new ActionLimits(model.Signature.Actions, margin), metrics);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Names and units of what goes in and comes out.</summary>
    public PolicySignature Signature => _model.Signature;

    /// <summary>What it was trained on.</summary>
    public string Source => _model.Source;

    /// <summary>The policy itself, for explanation; null of a stand-in.</summary>
    public TrainedPolicy? Trained => _model.Trained;

    /// <summary>How many frames before the current one it takes.</summary>
    public int PastFrames => Trained?.Policy.Options.Perception.PastFrames ?? 0;

    /// <summary>Whether its steps were warmed up.</summary>
    public bool IsReady => _ready.Task.IsCompleted;

    /// <summary>Ends once its steps were warmed up.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Requests that wait.</summary>
    public int Waiting => _worker.Waiting;

    /// <summary>Checks an instruction.</summary>
    /// <returns>The words that the policy does not know.</returns>
    /// <exception cref="RefusedException">It has no word, too many, or only unknown ones.</exception>
    public IReadOnlyList<string> Check(string instruction)
    {
        try
        {
            return _model.Check(instruction);
        }
        catch (ArgumentException exception)
        {
            throw new RefusedException(Refusal.Invalid, exception.Message);
        }
    }

    /// <summary>Encodes an observation.</summary>
    /// <exception cref="RefusedException">A camera is missing, or the state has another length or holds what is no number.</exception>
    public EncodedObservation Encode(Observation observation)
    {
        try
        {
            return _model.Encode(observation);
        }
        catch (ArgumentException exception)
        {
            throw new RefusedException(Refusal.Invalid, exception.Message);
        }
    }

    /// <summary>A monitor at the beginning of an episode; null when episodes are not monitored.</summary>
    public GroundingMonitor? NewMonitor() => _model.NewMonitor();

    /// <summary>The past frames of an episode that begins; null of a policy that takes none.</summary>
    public PastMemory? NewPast() => _model.NewPast();

    /// <summary>Waits for the action of an observation.</summary>
    /// <exception cref="RefusedException">Too many wait, it waited too long, or the action must not be carried out.</exception>
    public Task<StepResult> Ask(StepRequest request, CancellationToken cancellation) => _worker.Ask(request, cancellation);

    /// <summary>Computes steps of every size on empty pictures, so that no client waits for compilation; after that it is ready.</summary>
    public async Task WarmUp()
    {
        var picture = new RgbImage(64, 64);
        for (var size = 1; size <= _model.MostInStep; size *= 2)
        {
            var steps = new List<Task>();
            for (var i = 0; i < size; i++)
                steps.Add(Quietly(new StepRequest($"warm-up {i}", _model.Example, Encode(Blank(picture)))));
            await Task.WhenAll(steps).ConfigureAwait(false);
        }

        _ready.TrySetResult();
    }

    /// <summary>Takes no further requests, and ends once those that wait are answered.</summary>
    public void Close() => _worker.Close();

    /// <summary>Waits until everything was answered.</summary>
    public bool Join(TimeSpan longest) => _worker.Join(longest);

    private Observation Blank(RgbImage picture)
    {
        var observation = new Observation { State = new float[Signature.States.Count] };
        foreach (var camera in Signature.Cameras) observation = observation.With(camera, picture);
        return observation;
    }

    private async Task Quietly(StepRequest request)
    {
        try
        {
            await Ask(request, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RefusedException)
        {
            // An action for an empty picture may be outside its range.
        }
    }
}
