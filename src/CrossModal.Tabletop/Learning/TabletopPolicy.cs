using CrossModal.Engine.Kernels;
using CrossModal.Imaging;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Tabletop.Learning;

/// <summary>A trained policy on the tabletop: observations of running episodes in, commands out, compiled and in batches.</summary>
/// <remarks>For one thread at a time; <see cref="Share"/> gives another thread its own over the same packed weights.</remarks>
internal sealed class TabletopPolicy : IPolicy, IDisposable
{
    // Batches are padded to a multiple of this, so that episodes that end do not each need a plan of their own.
    private const int BatchStep = 5;

    private const int Moves = 3;
    private readonly Policy _policy;
    private readonly PolicyControl _control;
    private readonly RgbImage _black;
    private readonly Dictionary<int, (PolicyBatch Batch, string[] Instructions)> _batches = [];

    /// <summary>Compiles a policy that was trained on the tabletop.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="control">What is kept from it.</param>
    /// <param name="workers">Threads for kernels; one when null.</param>
    /// <exception cref="ArgumentException">The policy was not made for the tabletop.</exception>
    public TabletopPolicy(TrainedPolicy trained, PolicyControl control = PolicyControl.None, Workers? workers = null)
        : this(Policy.Of(Fitting(trained), new PolicyRunOptions { Workers = workers, KeepFrames = false }), control)
    {
        Pointing = trained.Policy.Options.Head.Points == 1 ? Pointing.Heading : Pointing.Thing;
    }

    private TabletopPolicy(Policy policy, PolicyControl control)
    {
        (_policy, _control) = (policy, control);
        _black = new RgbImage(policy.ImageSize, policy.ImageSize);
    }

    /// <summary>The tokenizer of the benchmark's English words.</summary>
    public static WordTokenizer Tokenizer { get; } = new(Language.Vocabulary.Words);

    private static readonly WordTokenizer Chinese = new(Vocabulary.WordsOf(InstructionLanguage.Chinese), WordBreaks.Vocabulary);
    private static readonly WordTokenizer Both = new(Vocabulary.WordsOf(InstructionLanguage.Both), WordBreaks.Vocabulary);

    /// <summary>The tokenizer of the benchmark's words in a language, or in both; Chinese is cut into the words it lists.</summary>
    public static WordTokenizer TokenizerOf(InstructionLanguage language) => language switch
    {
        InstructionLanguage.English => Tokenizer,
        InstructionLanguage.Chinese => Chinese,
        _ => Both,
    };

    /// <inheritdoc/>
    public bool UsesCamera => _control != PolicyControl.NoVision;

    /// <inheritdoc/>
    public Pointing Pointing { get; private init; }

    /// <summary>The same policy for another thread.</summary>
    public TabletopPolicy Share() => new(_policy.Share(), _control) { Pointing = Pointing };

    /// <inheritdoc/>
    /// <exception cref="Layers.WeightOverflowException">The policy's weights make numbers overflow.</exception>
    public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
    {
        var (batch, instructions) = Batch(observations.Length);
        for (var i = 0; i < batch.Count; i++) Observe(batch, instructions, i, observations[Math.Min(i, observations.Length - 1)]);
        batch.Act();
        for (var i = 0; i < observations.Length; i++)
        {
            var decision = batch[i];
            var action = decision.Action;
            var points = decision.Points;
            actions[i] = new RobotAction(action[0], action[1], action[2], action[Moves] > 0).Clipped();
            observations[i].Pointed = new Point(points[0], points[1], points[2]);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _policy.Dispose();

    private void Observe(PolicyBatch batch, string[] instructions, int index, TabletopObservation observation)
    {
        var text = _control == PolicyControl.NoLanguage ? WordTokenizer.Unknown : observation.Instruction.Text;
        if (instructions[index] != text)
        {
            batch.SetInstruction(index, text, allowUnknown: true);
            instructions[index] = text;
        }

        // Episodes change their places as others end.
        batch.Follow(index, observation.Past);
        observation.Past = batch.Past(index);
        var encoded = new Observation { State = observation.Proprioception.Span };
        for (var view = 0; view < _policy.Cameras.Count; view++)
            encoded = encoded.With(_policy.Cameras[view], UsesCamera ? observation.Frames[view].ToFrame() : _black);
        batch.Observe(index, encoded);
    }

    private (PolicyBatch Batch, string[] Instructions) Batch(int observations)
    {
        var size = observations < BatchStep ? observations : (observations + BatchStep - 1) / BatchStep * BatchStep;
        if (!_batches.TryGetValue(size, out var batch)) _batches.Add(size, batch = (_policy.Batch(size), new string[size]));
        return batch;
    }

    private static TrainedPolicy Fitting(TrainedPolicy trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        var options = trained.Policy.Options;
        return options is
        {
            Head.Points: > 0, Actions: Moves, Proprioception: Proprioception.Length,
            ImageSize: >= CameraFrame.LeastSize and <= CameraFrame.MostSize
        }
            && options.Fusion.Views <= CameraRig.MostViews
            ? trained
            : throw new ArgumentException(
                $"TabletopPolicy: a policy trained on {trained.Source} with {options.Actions} actions, {options.Proprioception} numbers of proprioception and pictures of {options.ImageSize} pixels from {options.Fusion.Views} cameras{(options.Head.Points > 0 ? "" : " that does not point")} cannot act on the tabletop", nameof(trained));
    }
}
