using System.Text.Json;
using System.Text.Json.Nodes;
using CrossModal.Data;
using CrossModal.Encoders;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Training;

namespace CrossModal.Imitation;

/// <summary>Behaviour cloning of the single steps of recordings.</summary>
/// <remarks>Made for few recordings: dropout, strong weight decay, and pictures shifted by up to 4 pixels and changed in brightness. The
/// loss is the mean squared error of the normalised action.</remarks>
internal sealed class RecordedLossSource : LossSource
{
    /// <summary>Side of the square that pictures are fitted into unless another is given, in pixels.</summary>
    public const int ImageSize = 64;

    private const float Dropout = 0.2f;
    private const ulong EffectStream = 0x1A57;
    private readonly RecordedData _data;
    private readonly LanguagePolicy _policy;
    private readonly WordTokenizer _tokenizer;
    private readonly TextEncoder? _text;
    private readonly VisionEncoder? _vision;
    private readonly (Episode Episode, int Step)[] _steps;

    /// <summary>Prepares losses and a policy of random weights.</summary>
    /// <param name="data">The recordings.</param>
    /// <param name="strategy">Name of the fusion strategy.</param>
    /// <param name="fusion">Its sizes.</param>
    /// <param name="steps">Steps of training.</param>
    /// <param name="seed">Seed of weights and batches.</param>
    /// <param name="imageSize">Side of the square that pictures are fitted into, in pixels; a vision encoder has a size of its own.</param>
    /// <param name="encoders">Pretrained encoders; null when all is learned.</param>
    /// <param name="perception">How tokens are made before the strategy; the defaults when null.</param>
    /// <exception cref="ArgumentException">The strategy is unknown, there are no steps, or sizes do not fit.</exception>
    /// <exception cref="Engine.Formats.FileFormatException">A file of an encoder is missing or damaged.</exception>
    public RecordedLossSource(RecordedData data, string strategy, FusionOptions fusion, int steps, ulong seed,
        int imageSize = ImageSize, PretrainedEncoders? encoders = null, PerceptionOptions? perception = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(fusion);
        if (steps < 1) throw new ArgumentException($"RecordedLossSource: the steps must be at least 1, got {steps}");
        _data = data;
        (_text, _vision) = (encoders?.OfText(), encoders?.OfVision());
        _tokenizer = _text is null ? data.Tokenizer : new WordTokenizer(_text);
        _steps = [.. data.Training.SelectMany(e => Enumerable.Range(0, e.Steps).Select(t => (e, t)))];
        Recipe = new PolicyRecipe { Steps = steps, BatchSize = 32, Seed = seed, WarmUp = 50, WeightDecay = 0.1 };
        _policy = new LanguagePolicy(
            new PolicyOptions(strategy, fusion with { Dropout = Dropout, Views = data.Signature.Cameras.Count }, _tokenizer.Count,
                data.Actions.Mean.Length)
            {
                ImageSize = _vision?.ImageSize ?? imageSize,
                VisionWidth = _vision?.Width ?? 0,
                VisionGrid = _vision?.Grid,
                TextWidth = _text?.Width ?? 0,
                Proprioception = data.States?.Mean.Length ?? 0,
                Perception = perception ?? new PerceptionOptions(),
                MaxWords = Math.Max(16, data.Training.Concat(data.HeldOut).Max(e => _tokenizer.WordsOf(e.Instruction).Count)),
            }, new RandomSource(seed), _text is { Tuned: true } ? _text.Model : null);
    }

    /// <inheritdoc/>
    public override PolicyRecipe Recipe { get; }

    /// <inheritdoc/>
    public override TrainedPolicy Policy =>
        new(_policy, _tokenizer, _data.Actions, _data.States, "recordings") { Signature = _data.Signature, Vision = _vision };

    /// <inheritdoc/>
    public override JsonNode? Configuration
    {
        get
        {
            var configuration = JsonSerializer.SerializeToNode(
                new RecordedConfiguration(PolicyJson.NodeOf(_policy.Options), Recipe.Steps, Recipe.Seed, _tokenizer.Words, _data.Actions,
                    _data.States, _data.Training.Select(e => e.Name)), ImitationJson.Default.RecordedConfiguration)!;
            _text?.Describe(configuration.AsObject());
            _vision?.Describe(configuration.AsObject());
            return configuration;
        }
    }

    /// <inheritdoc/>
    public override ReplayedLoss Create(int samples, WeightAverage average) =>
        new RecordedLoss(_policy, _tokenizer, _data, _steps, samples, _vision);

    /// <inheritdoc/>
    internal override InstructionEffect? Effect()
    {
        var texts = _data.Training.Select(e => e.Instruction).Distinct().ToArray();
        if (texts.Length < 2) return null;
        var seed = RandomSource.DeriveSeed(Recipe.Seed, EffectStream);
        var (random, options) = (new RandomSource(seed), _policy.Options);
        const int count = InstructionEffect.Pictures;
        var images = Tensor.Zeros(_policy.ImageShape(count));
        var plane = images.Shape.Length / count;
        var states = _data.States is null ? null : Tensor.Zeros([2 * count, options.Proprioception]);
        var encoder = new ObservationEncoder(_data.Signature, options.ImageSize, _data.States, _vision);
        var (told, past) = (new string[2 * count], RecordedPast.Of(_policy, count));
        for (var i = 0; i < count; i++)
        {
            var (episode, t) = _steps[random.NextInt(_steps.Length)];
            var others = texts.Where(text => text != episode.Instruction).ToArray();
            (told[2 * i], told[2 * i + 1]) = (episode.Instruction, others[random.NextInt(others.Length)]);
            for (var row = 2 * i; row < 2 * i + 2; row++)
                encoder.Encode(RecordedObservation.Of(episode, t, _data.Signature.Cameras), images.Span.Slice(i * plane, plane),
                    states is null ? default : states.Span.Slice(row * options.Proprioception, options.Proprioception));
            past?.Set(i, episode, t, _data.Signature.Cameras, encoder);
        }

        var (words, mask) = _tokenizer.EncodeBatch(told, options.MaxWords);
        return new InstructionEffect(new PolicyInput(images, words, mask, states) { Past = past?.Frames }, seed);
    }
}
