using CrossModal.Data;
using CrossModal.Explain.Monitor;
using CrossModal.Inference;
using CrossModal.Language;
using CrossModal.Layers;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace CrossModal.Policies;

/// <summary>A trained policy in a control loop: camera pictures, the robot's state and an instruction in, actions in physical units
/// out.</summary>
/// <remarks>
/// The whole policy is compiled: what depends on the instruction alone is computed when it is set, and a step allocates nothing after the
/// first. An observation that is refused changes nothing. A policy serves one thread at a time; <see cref="Share"/> gives another thread
/// its own over the same packed weights.
/// </remarks>
public sealed partial class Policy : IDisposable
{
    private readonly TrainedPolicy _trained;
    private readonly PolicyRunOptions _options;
    private readonly CompiledWeights _weights;
    private readonly KeptFrames _frames;
    private readonly GroundingMonitor? _monitor;
    private readonly float[] _signals;
    private PolicyRunner _runner;
    private Counterfactual[] _counterfactuals = [];
    private string? _instruction;
    private IReadOnlyList<string>? _words;
    private StepExplanation? _explanation;
    private bool _stepped;
    private int _busy;
    private bool _disposed;

    private Policy(TrainedPolicy trained, PolicyRunOptions options, CompiledWeights weights, GroundingMonitor? monitor)
    {
        (_trained, _options, _weights, _monitor) = (trained, options, weights, monitor);
        _signals = new float[monitor?.Layout.Count ?? 0];
        _runner = new PolicyRunner(trained, 1, 1, options, weights, Needs);
        _runner[0].Monitor = monitor;
        _frames = new KeptFrames(trained.Signature.Cameras.Count);
    }

    /// <summary>Names and units of the numbers of an action, in their order.</summary>
    public IReadOnlyList<Quantity> Actions => _trained.Signature.Actions;

    /// <summary>Names and units of the numbers of the robot's state, in their order; empty for a policy that takes none.</summary>
    public IReadOnlyList<Quantity> States => _trained.Signature.States;

    /// <summary>The cameras the policy was trained with.</summary>
    public IReadOnlyList<string> Cameras => _trained.Signature.Cameras;

    /// <summary>Height and width of the square that pictures are fitted into, in pixels.</summary>
    public int ImageSize => _trained.Policy.Options.ImageSize;

    /// <summary>How many frames before the current one it takes.</summary>
    internal int PastFrames => _trained.Policy.Options.Perception.PastFrames;

    /// <summary>What it was trained on: <c>tabletop/pick</c>, or <c>recordings</c>.</summary>
    public string Source => _trained.Source;

    /// <summary>The words of its training instructions.</summary>
    public IReadOnlyList<string> Vocabulary => _trained.Tokenizer.Words;

    /// <summary>Its words, and how instructions are cut into words.</summary>
    internal WordTokenizer Tokenizer => _trained.Tokenizer;

    /// <summary>Where the patches of a camera lie.</summary>
    internal TokenGrid Grid => _trained.Policy.Grid;

    /// <summary>Bytes of packed weights, shared with policies made by <see cref="Share"/> and batches.</summary>
    public long WeightBytes => _weights.Bytes;

    /// <summary>Loads a policy from the folder that training wrote.</summary>
    /// <param name="folder">The folder, or a file in it.</param>
    /// <param name="options">How to run it.</param>
    /// <exception cref="Engine.Formats.FileFormatException">A file is missing, damaged or of an earlier version; the message names
    /// it.</exception>
    public static Policy Load(string folder, PolicyRunOptions? options = null)
    {
        var (trained, chosen) = (PolicyFolder.Load(folder), options ?? new PolicyRunOptions());
        return chosen.Monitor ? Monitored(trained, chosen) : Of(trained, chosen);
    }

    /// <summary>A policy with the monitor beside the weights it was loaded from, if there is one.</summary>
    /// <exception cref="Engine.Formats.FileFormatException">The monitor is damaged, or was fitted to other weights.</exception>
    internal static Policy Monitored(TrainedPolicy trained, PolicyRunOptions? options = null)
    {
        var monitor = trained.Location is { } weights ? MonitorFile.Find(Path.GetDirectoryName(weights)!) : null;
        return new Policy(trained, options ?? new PolicyRunOptions(), new CompiledWeights(),
            monitor is null ? null : new GroundingMonitor(monitor));
    }

    /// <summary>A policy that was trained in this process.</summary>
    /// <remarks>Weights are copied as instructions of new lengths are set: a policy that is trained further needs a new one of
    /// these.</remarks>
    public static Policy Of(TrainedPolicy trained, PolicyRunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trained);
        return new Policy(trained, options ?? new PolicyRunOptions(), new CompiledWeights(), null);
    }

    /// <summary>A policy for another thread, over the same packed weights; it has no instruction yet.</summary>
    public Policy Share() => new(_trained, _options, _weights, _monitor?.Share());

    /// <summary>Sets the instruction for the steps that follow, and computes what depends on it alone; an episode begins, as by <see
    /// cref="Reset"/>.</summary>
    /// <param name="instruction">What the robot is to do.</param>
    /// <param name="allowUnknown">Whether an instruction is accepted that has no word of the training instructions.</param>
    /// <returns>Its words, and which of them the policy does not know.</returns>
    /// <exception cref="ArgumentException">There is no word, there are too many, or none is known.</exception>
    public InstructionWords SetInstruction(string instruction, bool allowUnknown = false)
    {
        Enter();
        try
        {
            var words = _runner.SetInstruction(0, instruction, allowUnknown);
            _runner.Prepare();
            _runner.Follow(0);
            (_words, _instruction, _stepped, _explanation) = (words.Words, instruction, false, null);
            Watch();
            return words;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Begins an episode with the same instruction: a policy with past frames forgets those before, a monitor starts
    /// anew.</summary>
    /// <exception cref="InvalidOperationException">Another thread is using the policy.</exception>
    public void Reset()
    {
        Enter();
        try
        {
            _runner.Follow(0);
            _monitor?.Restart();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Computes a step.</summary>
    /// <param name="observation">A picture of every camera and the robot's state.</param>
    /// <returns>The decision; the same object every time, overwritten by the next step.</returns>
    /// <exception cref="ArgumentException">A camera is unknown or missing, or the state has another length or holds what is no
    /// number.</exception>
    /// <exception cref="InvalidOperationException">No instruction was set, or another thread is using the policy.</exception>
    public Decision Act(Observation observation) => Act(observation, null);

    /// <summary>Computes a step and measures its parts.</summary>
    /// <param name="observation">A picture of every camera and the robot's state.</param>
    /// <param name="timing">Receives how long each part took.</param>
    /// <returns>The decision; the same object every time, overwritten by the next step.</returns>
    /// <exception cref="ArgumentException">A camera is unknown or missing, or the state has another length or holds what is no
    /// number.</exception>
    /// <exception cref="InvalidOperationException">No instruction was set, or another thread is using the policy.</exception>
    public Decision Act(Observation observation, StepTiming? timing)
    {
        Enter();
        try
        {
            var start = Stopwatch.GetTimestamp();
            _runner.Observe(0, observation);
            timing?.Clear();
            timing?.Add(StepPart.Preprocessing, Stopwatch.GetTimestamp() - start);
            if (_monitor is { NeedsEffect: true }) _runner.AskEffect(0);
            _runner.Run(timing);
            if (_monitor is not null) Score(timing);
            if (_options.KeepFrames) _frames.Keep(observation, _runner.Encoder);
            (_stepped, _explanation) = (true, null);
            return _runner[0];
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Room for several observations with an instruction each, computed in one call.</summary>
    /// <param name="observations">How many.</param>
    public PolicyBatch Batch(int observations)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(observations);
        return new PolicyBatch(new PolicyRunner(_trained, observations, observations, _options, _weights));
    }

    /// <summary>Several instructions answered for the same observation: the picture is encoded once.</summary>
    /// <param name="instructions">The instructions; words that training never had are allowed.</param>
    /// <exception cref="ArgumentException">There is no instruction, or one has no word or too many.</exception>
    public PreparedInstructions Prepare(params IReadOnlyList<string> instructions)
    {
        ArgumentNullException.ThrowIfNull(instructions);
        if (instructions.Count == 0) throw new ArgumentException("Policy: there is no instruction to prepare", nameof(instructions));
        return new PreparedInstructions(new PolicyRunner(_trained, 1, instructions.Count, _options, _weights), instructions);
    }

    /// <summary>Ends the policy's use; packed weights are freed once no policy shares them.</summary>
    public void Dispose() => _disposed = true;

    private MonitorNeeds Needs => _monitor?.Layout.Needs ?? MonitorNeeds.Nothing;

    /// <summary>Begins an episode of the monitor.</summary>
    /// <exception cref="Engine.Formats.FileFormatException">The monitor was made for a policy of other sizes.</exception>
    private void Watch()
    {
        if (_monitor is null) return;
        if (_runner.SignalsOf(_monitor.Layout.EffectEvery) != _monitor.Layout)
            throw new Engine.Formats.FileFormatException(MonitorFile.Name, "was fitted to a policy of other sizes: fit it again");
        _monitor.Restart();
    }

    private void Score(StepTiming? timing)
    {
        var start = Stopwatch.GetTimestamp();
        _runner.WriteSignals(0, -1, _signals);
        _monitor!.Observe(_signals);
        timing?.Add(StepPart.Head, Stopwatch.GetTimestamp() - start);
    }

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException("Policy: another thread is using this policy; Share() gives each thread its own");
    }

    private void Leave() => Volatile.Write(ref _busy, 0);
}
