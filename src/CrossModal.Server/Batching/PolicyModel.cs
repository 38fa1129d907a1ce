using System.Collections.Concurrent;
using System.Diagnostics;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Kernels;
using CrossModal.Explain.Monitor;
using CrossModal.Inference;
using CrossModal.Policies;

namespace CrossModal.Server.Batching;

/// <summary>A trained policy, compiled for steps of 1, 2, 4, … observations over the same weights.</summary>
/// <remarks>A place in a step keeps its instruction: what depends on it alone is computed again only when another one takes the
/// place.</remarks>
internal sealed class PolicyModel : IStepModel
{
    private const int MostChecked = 1024;

    private readonly TrainedPolicy _trained;
    private readonly CompiledWeights _weights = new();
    private readonly PolicyRunOptions _options;
    private readonly ConcurrentBag<ObservationEncoder> _encoders = [];
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _checked = new();
    private readonly PolicyRunner _checker;
    private readonly List<InstructionPlaces> _sizes = [];
    private readonly GroundingMonitor? _monitor;

    /// <summary>A policy.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="mostInStep">Observations in one step at most.</param>
    /// <param name="clip">Whether actions are limited to the range of the training data.</param>
    /// <param name="workers">The threads of a step.</param>
    /// <param name="monitor">The monitor that was fitted to it; null when episodes are not monitored.</param>
    /// <exception cref="FileFormatException">The monitor was fitted to a policy of other sizes.</exception>
    public PolicyModel(TrainedPolicy trained, int mostInStep, bool clip, Workers workers, GroundingMonitor? monitor = null)
    {
        (_trained, MostInStep) = (trained, mostInStep);
        _options = new PolicyRunOptions { KeepFrames = false, Clip = clip, Workers = workers };
        _checker = new PolicyRunner(trained, 1, 1, _options, _weights);
        _monitor = monitor;
        if (monitor is null) return;
        var watched = Runner(1);
        watched.SetInstruction(0, Example, allowUnknown: false);
        if (watched.SignalsOf(monitor.Layout.EffectEvery) != monitor.Layout)
            throw new FileFormatException(MonitorFile.Name, "was fitted to a policy of other sizes: fit it again");
        _sizes.Add(new InstructionPlaces(watched, monitor.Layout.Count));
    }

    /// <inheritdoc/>
    public PolicySignature Signature => _trained.Signature;

    /// <inheritdoc/>
    public string Source => _trained.Source;

    /// <inheritdoc/>
    public TrainedPolicy Trained => _trained;

    /// <inheritdoc/>
    public int MostInStep { get; }

    /// <inheritdoc/>
    public string Example => _trained.Tokenizer.Words is [var first, ..] ? first : "go";

    /// <inheritdoc/>
    public IReadOnlyList<string> Check(string instruction)
    {
        if (_checked.TryGetValue(instruction, out var known)) return known;
        InstructionWords words;
        lock (_checker) words = _checker.SetInstruction(0, instruction, allowUnknown: false);
        if (_checked.Count >= MostChecked) _checked.Clear();
        return _checked[instruction] = words.Unknown;
    }

    /// <inheritdoc/>
    public EncodedObservation Encode(Observation observation)
    {
        var start = Stopwatch.GetTimestamp();
        if (!_encoders.TryTake(out var encoder)) encoder = new ObservationEncoder(_trained);
        try
        {
            var (pictures, state) = (new float[encoder.PictureLength], new float[_trained.Policy.Options.Proprioception]);
            encoder.Encode(observation, pictures, state);
            return new EncodedObservation(pictures, state, Stopwatch.GetElapsedTime(start));
        }
        finally
        {
            _encoders.Add(encoder);
        }
    }

    /// <inheritdoc/>
    public GroundingMonitor? NewMonitor() => _monitor?.Share();

    /// <inheritdoc/>
    public PastMemory? NewPast() => PastMemory.Of(_trained.Policy);

    /// <inheritdoc/>
    public void Step(IReadOnlyList<StepRequest> requests, StepOutput?[] outputs)
    {
        var waiting = Enumerable.Range(0, requests.Count).ToList();
        while (waiting.Count > 0)
        {
            // Steps of one episode follow each other.
            var left = waiting.DistinctBy(i => requests[i].Past ?? (object)requests[i]).ToList();
            waiting.RemoveAll(left.Contains);
            while (left.Count > 0)
            {
                var size = 1;
                while (size * 2 <= left.Count) size *= 2;
                PlacesOf(size).Step(requests, left, outputs);
            }
        }
    }

    private InstructionPlaces PlacesOf(int size)
    {
        var places = _sizes.Find(p => p.Count == size);
        if (places is null) _sizes.Add(places = new InstructionPlaces(Runner(size), _monitor?.Layout.Count ?? 0));
        return places;
    }

    private PolicyRunner Runner(int size) => new(_trained, size, size, _options, _weights, _monitor?.Layout.Needs ?? MonitorNeeds.Nothing);
}
