using CrossModal.Data;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Inference;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace CrossModal.Policies;

/// <summary>A trained policy in a control loop: camera pictures, the robot's state and an instruction in, actions in physical units
/// out.</summary>
/// <remarks>
/// The whole policy is compiled: what depends on the instruction alone is computed when it is set, and a step allocates nothing after the
/// first. An observation that is refused changes nothing. A policy serves one thread at a time; <see cref="Share"/> gives another thread
/// its own over the same packed weights.
/// </remarks>
public sealed class Policy : IDisposable
{
    private readonly TrainedPolicy _trained;
    private readonly PolicyRunOptions _options;
    private readonly CompiledWeights _weights;
    private readonly PolicyRunner _runner;
    private readonly KeptFrames _frames;
    private IReadOnlyList<string>? _words;
    private StepExplanation? _explanation;
    private bool _stepped;
    private int _busy;
    private bool _disposed;

    private Policy(TrainedPolicy trained, PolicyRunOptions options, CompiledWeights weights)
    {
        (_trained, _options, _weights) = (trained, options, weights);
        _runner = new PolicyRunner(trained, 1, 1, options, weights);
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

    /// <summary>What it was trained on: <c>tabletop/pick</c>, or <c>recordings</c>.</summary>
    public string Source => _trained.Source;

    /// <summary>The words of its training instructions.</summary>
    public IReadOnlyList<string> Vocabulary => _trained.Tokenizer.Words;

    /// <summary>Bytes of packed weights, shared with policies made by <see cref="Share"/> and batches.</summary>
    public long WeightBytes => _weights.Bytes;

    /// <summary>Loads a policy from the folder that training wrote.</summary>
    /// <param name="folder">The folder, or a file in it.</param>
    /// <param name="options">How to run it.</param>
    /// <exception cref="Engine.Formats.FileFormatException">A file is missing, damaged or of an earlier version; the message names
    /// it.</exception>
    public static Policy Load(string folder, PolicyRunOptions? options = null) => Of(PolicyFolder.Load(folder), options);

    /// <summary>A policy that was trained in this process.</summary>
    /// <remarks>Weights are copied as instructions of new lengths are set: a policy that is trained further needs a new one of
    /// these.</remarks>
    public static Policy Of(TrainedPolicy trained, PolicyRunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trained);
        return new Policy(trained, options ?? new PolicyRunOptions(), new CompiledWeights());
    }

    /// <summary>A policy for another thread, over the same packed weights; it has no instruction yet.</summary>
    public Policy Share() => new(_trained, _options, _weights);

    /// <summary>Sets the instruction for the steps that follow, and computes what depends on it alone.</summary>
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
            (_words, _stepped, _explanation) = (words.Words, false, null);
            return words;
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
            _runner.Run(timing);
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

    /// <summary>Where a word of the instruction attended in the last step.</summary>
    /// <param name="word">One of the instruction's words, as <see cref="SetInstruction"/> returned it.</param>
    /// <param name="layer">Name of an attention layer; the one with the least spread over the picture when null.</param>
    /// <param name="camera">Which camera; the first when null.</param>
    /// <exception cref="ArgumentException">The instruction has no such word, or there is no such layer or camera, or the strategy has no
    /// attention from words to patches.</exception>
    /// <exception cref="InvalidOperationException">No step was run since the instruction was set.</exception>
    public WordExplanation Explain(string word, string? layer = null, string? camera = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(word);
        var maps = Maps();
        var (index, view) = (WordIndex(word), ViewIndex(camera));
        var fitting = maps.Where(m => m.View == view).ToList();
        if (fitting.Count == 0)
            throw new ArgumentException(
            $"Policy: the strategy '{_trained.Policy.Options.Strategy}' has no attention from words to patches{(camera is null ? "" : $" of the camera '{camera}'")}");
        var map = layer is null ? fitting.MinBy(m => m.Spread())! : fitting.Find(m => m.Layer == layer)
            ?? throw new ArgumentException(
                $"Policy: there is no layer '{layer}'; there are: {string.Join(", ", fitting.Select(m => m.Layer))}", nameof(layer));
        var explained = Explained();
        var method = new RawAttention(map.Layer);
        return new WordExplanation(_words![index], map, index, _frames[view] ?? Picture(view), ImageSize, method,
            () => explained.Faithfulness.Measure(method.Compute(explained.Decision).Joined(index)));
    }

    /// <summary>What a method says the last step depends on.</summary>
    /// <param name="word">One of the instruction's words; null for the decision as a whole: the mean over words of a method that has a map
    /// of each.</param>
    /// <param name="method">The method, one of <see cref="MapMethods"/> or another.</param>
    /// <param name="target">What of the action is explained; its direction when null.</param>
    /// <param name="camera">Which camera; the first when null.</param>
    /// <exception cref="ArgumentException">The instruction has no such word, or there is no such camera.</exception>
    /// <exception cref="NotSupportedException">The method has no meaning for the strategy, or none for a single word; the message says
    /// which.</exception>
    /// <exception cref="InvalidOperationException">No step was run since the instruction was set.</exception>
    public WordExplanation Explain(string? word, IMapMethod method, ExplanationTarget? target = null, string? camera = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        var explained = Explained(target);
        var (index, view) = (word is null ? (int?)null : WordIndex(word), ViewIndex(camera));
        if (word is not null && !method.OfWords)
            throw new NotSupportedException(
                $"{method.Name} has one map of the decision as a whole, none of the word '{word}': give no word");
        var map = method.Compute(explained.Decision);
        var row = Tensor.From(map.Of(view, index), [1, 1, map.Grid.Count]);
        var sum = map.Joined(index).Sum(x => (double)x);
        for (var i = 0; i < row.Shape.Length && sum > 0; i++) row.Span[i] = (float)(row.Span[i] / sum);
        return new WordExplanation(word is null ? "" : _words![index!.Value], WordMap.Of(method.Name, map.Grid, row, view), 0,
            _frames[view] ?? Picture(view), ImageSize, method,
            () => explained.Faithfulness.Measure(map.Joined(index))) { Residual = map.Residual };
    }

    /// <summary>The last step as a decision that methods of explanation can be applied to, with the test of their maps.</summary>
    /// <remarks>It is a copy: later steps do not change it.</remarks>
    /// <param name="target">What of the action is explained; its direction when null.</param>
    /// <exception cref="InvalidOperationException">No step was run since the instruction was set.</exception>
    public StepExplanation Explained(ExplanationTarget? target = null)
    {
        Enter();
        try
        {
            RequireStep();
            target ??= ExplanationTarget.Direction;
            return _explanation?.Target == target ? _explanation
                : _explanation = new StepExplanation(target, _runner.Explained(target, _frames.Padding(ImageSize, _trained.Policy.Grid)));
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The part of an action of a name: <c>direction</c>, <c>gripper</c>, or one of <see cref="Actions"/> with + or − before
    /// it.</summary>
    /// <exception cref="ArgumentException">There is no such part.</exception>
    public ExplanationTarget Target(string name) => _trained.Signature.Target(name, _trained.Policy.Options.Actions);

    /// <summary>All attention from words to patches in the last step, layer by layer.</summary>
    /// <remarks>The step is computed once more with its attention weights written out; a step that nobody asks about pays
    /// nothing.</remarks>
    /// <exception cref="InvalidOperationException">No step was run since the instruction was set.</exception>
    public IReadOnlyList<WordMap> Maps()
    {
        Enter();
        try
        {
            RequireStep();
            return WordMap.Read(_runner.Plan.ReadTrace(), 0, _words!.Count, _trained.Policy.Grid);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>What a step computes, step by step, with the share of time of each, measured on the last observation.</summary>
    /// <param name="frames">How often to measure.</param>
    /// <exception cref="InvalidOperationException">No step was run since the instruction was set.</exception>
    public SessionPlan Explain(int frames = 20)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frames);
        Enter();
        try
        {
            RequireStep();
            return _runner.Plan.Compiled.Explain(frames);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Ends the policy's use; packed weights are freed once no policy shares them.</summary>
    public void Dispose() => _disposed = true;

    private int WordIndex(string word)
    {
        var index = _words!.ToList().IndexOf(word.ToLowerInvariant());
        return index >= 0 ? index
            : throw new ArgumentException($"Policy: the instruction has no word '{word}'; it has: {string.Join(", ", _words!)}",
            nameof(word));
    }

    private int ViewIndex(string? camera)
    {
        var view = camera is null ? 0 : Cameras.ToList().IndexOf(camera);
        return view >= 0 ? view
            : throw new ArgumentException($"Policy: there is no camera '{camera}'; there are: {string.Join(", ", Cameras)}",
            nameof(camera));
    }

    /// <summary>The encoded input of a camera as a picture.</summary>
    private RgbImage Picture(int view)
    {
        var plane = ImageSize * ImageSize;
        var planes = _runner.Images.Span.Slice(view * 3 * plane, 3 * plane);
        var picture = new RgbImage(ImageSize, ImageSize);
        for (var i = 0; i < plane; i++)
            for (var c = 0; c < RgbImage.Channels; c++)
                picture.Pixels[i * RgbImage.Channels + c] = (byte)MathF.Round(255 * planes[c * plane + i]);
        return picture;
    }

    private void RequireStep()
    {
        if (!_stepped) throw new InvalidOperationException("Policy: no step was run since the instruction was set");
    }

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException("Policy: another thread is using this policy; Share() gives each thread its own");
    }

    private void Leave() => Volatile.Write(ref _busy, 0);
}
