using System.Text.Json.Nodes;
using CrossModal.Encoders;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Data;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Tasks;
using CrossModal.Training;

namespace CrossModal.Tabletop.Learning;

/// <summary>Behaviour cloning of the tabletop's expert, and of a teacher's outputs where there is one.</summary>
public sealed class TabletopLossSource : LossSource
{
    private const ulong EffectStream = 0x1A57;

    // Scenes in which only one thing can be asked for are passed over, but not for ever.
    private const long MostDrawn = 1000;

    private readonly TabletopRecipe _recipe;
    private readonly SampleSource _samples;
    private readonly CameraRig _cameras;
    private readonly LanguagePolicy _policy;
    private readonly WordTokenizer _tokenizer;
    private readonly TextEncoder? _text;
    private string? _start;

    /// <summary>Prepares a run of the policy that <see cref="Describe"/> describes.</summary>
    /// <param name="strategy">Name of the fusion strategy.</param>
    /// <param name="fusion">Its sizes.</param>
    /// <param name="recipe">How the policy learns.</param>
    /// <exception cref="ArgumentException">A name is unknown, a number of the recipe is outside its range, or sizes do not fit.</exception>
    public TabletopLossSource(string strategy, FusionOptions fusion, TabletopRecipe recipe)
        : this(Describe(strategy, fusion, recipe), recipe)
    {
    }

    /// <summary>Prepares a run.</summary>
    /// <param name="options">What the policy is made of: a change of what <see cref="Describe"/> gives.</param>
    /// <param name="recipe">How it learns.</param>
    /// <param name="encoders">Pretrained encoders; null when all is learned.</param>
    /// <exception cref="ArgumentException">A name is unknown, a number of the recipe is outside its range, or sizes do not fit.</exception>
    /// <exception cref="Engine.Formats.FileFormatException">A file of an encoder is missing or damaged.</exception>
    public TabletopLossSource(PolicyOptions options, TabletopRecipe recipe, PretrainedEncoders? encoders = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(recipe);
        recipe.Check();
        if (recipe.Control == PolicyControl.OtherInstruction)
            throw new ArgumentException($"TabletopLossSource: '{recipe.Control}' is a control of an evaluation, not of training.",
                nameof(recipe));
        _recipe = recipe;
        if (encoders?.Vision is not null)
            throw new ArgumentException(
                "TabletopLossSource: a vision encoder is for recordings, whose pictures come back: those of the tabletop are drawn anew " +
                "at every step",
                nameof(encoders));
        _text = encoders?.OfText();
        _tokenizer = _text is null ? TabletopPolicy.TokenizerOf(recipe.Language) : new WordTokenizer(_text);
        if (_text is not null) options = options with { Words = _tokenizer.Count, TextWidth = _text.Width };
        _policy = new LanguagePolicy(options, new RandomSource(recipe.Seed), _text is { Tuned: true } ? _text.Model : null);
        _samples = new SampleSource(recipe.Tasks.Select(RobotTasks.Find), recipe.Samples);
        _cameras = new CameraRig(options.ImageSize, options.Fusion.Views);
    }

    /// <inheritdoc/>
    public override PolicyRecipe Recipe => _recipe.WarmUp is { } steps ? Usual with { WarmUp = steps } : Usual;

    /// <summary>Whom the policy learns from beside the expert; null for the expert alone.</summary>
    public TabletopTeacher? Teacher { get; init; }

    /// <summary>What a policy of the tabletop is made of when it learns by a recipe.</summary>
    /// <param name="strategy">Name of the fusion strategy.</param>
    /// <param name="fusion">Its sizes.</param>
    /// <param name="recipe">The recipe.</param>
    public static PolicyOptions Describe(string strategy, FusionOptions fusion, TabletopRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return new PolicyOptions(strategy, fusion, TabletopPolicy.TokenizerOf(recipe.Language).Count, 3)
        {
            ImageSize = recipe.ImageSize,
            MaxWords = Vocabulary.MostWords,
            Proprioception = Proprioception.Length,
            Head = new HeadOptions(recipe.Levers.Points, recipe.Levers.CueWeight > 0 ? PatchCues.Count : 0),
        };
    }

    /// <inheritdoc/>
    public override TrainedPolicy Policy => new(_policy, _tokenizer, TabletopSignature.Actions, TabletopSignature.States,
        $"tabletop/{string.Join('+', _recipe.Tasks)}")
    {
        Signature = TabletopSignature.Of(_policy.Options.Fusion.Views),
    };

    /// <summary>Begins with the vision stem, the text encoder and the fusion of another policy instead of random ones.</summary>
    /// <param name="policy">A policy of the same sizes, such as one that was trained on a
    /// <see cref="Pretraining.CaptionLossSource"/>.</param>
    /// <param name="name">What it is called in the run's configuration, so that a run is not resumed with another beginning.</param>
    /// <returns>What was taken and what was not.</returns>
    /// <exception cref="ShapeException">The sizes differ, or the words; the message lists where.</exception>
    internal PolicyStart StartFrom(TrainedPolicy policy, string name)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!policy.Tokenizer.Words.SequenceEqual(_tokenizer.Words)
            || (policy.Tokenizer.Encoder as TextEncoder)?.Folder.Sha256 != _text?.Folder.Sha256)
            throw new ShapeException("TabletopLossSource",
                "cannot start from a policy of other words: its embeddings belong to another vocabulary than this training's language has");
        _start = name;
        return _policy.StartFrom(policy.Policy);
    }

    /// <inheritdoc/>
    public override JsonNode? Configuration
    {
        get
        {
            var configuration = new JsonObject
            {
                ["policy"] = PolicyJson.NodeOf(_policy.Options),
                ["recipe"] = RecipeJson.NodeOf(_recipe),
                ["start"] = _start,
                ["teacher"] = RecipeJson.NodeOf(Teacher?.Options),
            };
            _text?.Describe(configuration);
            return configuration;
        }
    }

    /// <inheritdoc/>
    public override ReplayedLoss Create(int samples, WeightAverage average)
    {
        var loss = new TabletopLoss(_policy, _tokenizer, _samples, _cameras, _recipe, samples);
        return Teacher is null ? loss : new DistilledLoss(loss, _policy, Teacher, samples * _recipe.Instructions);
    }

    /// <inheritdoc/>
    internal override InstructionEffect Effect()
    {
        // Scenes and noise of a seed that nothing else of a run derives; scenes as crowded as at the end of training.
        var seed = RandomSource.DeriveSeed(_recipe.Seed, EffectStream);
        var samples = new SampleSource(_recipe.Tasks.Select(RobotTasks.Find),
            _recipe.Samples with { Seed = seed, InstructionsPerState = 2 });
        var views = _cameras.Cameras.Count;
        var inputs = new PolicyInputs(InstructionEffect.Pictures, 2 * InstructionEffect.Pictures, _policy.Options.ImageSize,
            _recipe.Control, views: views, past: _policy.Options.Perception.PastFrames);
        var frames = _cameras.NewFrames();
        var state = new float[Proprioception.Length];
        for (var (i, number) = (0, 0L); i < InstructionEffect.Pictures; number++)
        {
            var sample = samples.Draw(number);
            if (sample.Instructions[0].Goal == sample.Instructions[1].Goal && number < MostDrawn) continue;
            var appearance = _recipe.Variation == SceneVariation.Varied
                ? Appearance.Draw(RandomSource.DeriveSeed(seed, (ulong)number)) : null;
            _cameras.Render(sample.Scene, frames, appearance);
            for (var view = 0; view < views; view++) inputs.SetImage(i, frames[view], view);
            if (inputs.Past > 0) inputs.SetPast(i, sample, RandomSource.DeriveSeed(seed, (ulong)number), _cameras, frames, appearance);
            Proprioception.Write(sample.Scene, state);
            for (var j = 0; j < 2; j++)
            {
                inputs.SetText(2 * i + j, sample.Instructions[j].Instruction.Text);
                inputs.SetState(2 * i + j, state);
            }

            i++;
        }

        return new InstructionEffect(inputs.ToInput(_tokenizer, Vocabulary.MostWords), seed);
    }

    private PolicyRecipe Usual => new()
    {
        Steps = _recipe.Steps,
        BatchSize = _recipe.Scenes,
        LearningRate = _recipe.LearningRate,
        Seed = _recipe.Seed,
        Shards = Math.Min(2, _recipe.Scenes),
    };
}
