using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Policies;

/// <summary>The input of a policy.</summary>
/// <param name="Images">Camera images <c>[S, 3, H, W]</c>, red, green, blue from 0 to 1; <c>[S, V, 3, H, W]</c> of a policy with V &gt; 1
/// cameras. Of a frozen vision encoder, features <c>[S, N, e]</c> or <c>[S, V, N, e]</c>.</param>
/// <param name="Words">Word numbers <c>[B, Nl]</c>, or states <c>[B, Nl, e]</c> of a pretrained text encoder; B is a multiple of S, and
/// image i (of every camera) belongs to instructions i·B/S … (i + 1)·B/S − 1.</param>
/// <param name="Mask">Which words are real; null when all are.</param>
/// <param name="Proprioception">Proprioception <c>[B, P]</c>; null when the policy has none.</param>
public sealed record PolicyInput(Tensor Images, Tensor Words, Mask? Mask, Tensor? Proprioception = null)
{
    /// <summary>Pictures of earlier control steps; null at the start of an episode, or of a policy that takes none.</summary>
    public PastFrames? Past { get; init; }

    /// <summary>Whether the images are given as the tokens that the policy's vision encoder made of them, <c>[S·V, N, d]</c>.</summary>
    internal bool Encoded { get; init; }
}

/// <summary>The output of a policy.</summary>
/// <param name="Action">Continuous dimensions <c>[B, A]</c>, in the units it was trained with.</param>
/// <param name="Close">Logit of closing the gripper <c>[B, 1]</c>; null unless the policy points.</param>
/// <param name="Points">Where in space it points, <c>[B, 3·P]</c>, the thing meant first; null unless the policy points.</param>
/// <param name="Cues">What it says about every patch, <c>[S·V, N, C]</c>; null unless the policy was given cues and is in training.</param>
public sealed record PolicyOutput(Tensor Action, Tensor? Close, Tensor? Points, Tensor? Cues = null)
{
    /// <summary>What the decision was read from: the mean fused token, <c>[B, d]</c>.</summary>
    public Tensor? Fused { get; init; }

    /// <summary>The tokens of the current pictures, <c>[S·V, N, d]</c>: what is kept of them as past ones.</summary>
    internal Tensor? Patches { get; init; }
}

/// <summary>A policy steered by words: a convolutional vision encoder, a transformer text encoder, a fusion strategy, and a small network
/// for the action.</summary>
/// <remarks>
/// The pointing policy first says where the thing meant is and, with two points, where it goes (p̂₁, p̂₂), then how to move from the tool's
/// place g: the action network takes [z, proprioception, and for each point 2(p̂ − g), tanh 8(p̂ − g)]; with two points also for that of
/// them which counts at the moment. Learning to point is what makes learning to act possible on few samples.
/// </remarks>
public sealed class LanguagePolicy : Module
{
    internal const int ActionHidden = 128;

    /// <summary>The part that is a text encoder trained with the policy.</summary>
    internal const string TunedEncoder = "language.encoder";

    private readonly PolicyOptions _options;
    private readonly ConvStem? _stem;
    private readonly StateProjection? _features;
    private readonly LayerNorm _visionNorm1;
    private readonly SinCosPositions? _visionPositions;
    private readonly LayerNorm _visionNorm2;
    private readonly Tensor? _cameras;
    private readonly Embedding? _words;
    private readonly StateProjection? _states;
    private readonly LearnedPositions _wordPositions;
    private readonly TransformerEncoder _reader;
    private readonly FusionStrategy _fusion;
    private readonly Perceptron? _pointer;
    private readonly Perceptron _actor;
    private readonly Linear? _cues;
    private readonly PolicyTokens? _tokens;
    private readonly FrameAges? _past;

    /// <summary>Makes the policy.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    public LanguagePolicy(PolicyOptions options, RandomSource random)
        : this(options, random, null)
    {
    }

    /// <summary>Makes the policy with a text encoder that is trained with it.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="tuned">The encoder, whose states are the input of words; null when it is not trained or there is none.</param>
    internal LanguagePolicy(PolicyOptions options, RandomSource random, Module? tuned)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        var width = options.Fusion.Width;
        if (options is { VisionWidth: > 0, VisionGrid: { } grid })
        {
            _features = Add("vision.features", new StateProjection(options.VisionWidth, width, random));
            Grid = grid;
        }
        else
        {
            _stem = Add("vision.stem", new ConvStem([3, 3 * width / 8, 3 * width / 4, width], random, around: 1));
            Grid = _stem.Grid(options.ImageSize, options.ImageSize);
        }

        _visionNorm1 = Add("vision.norm1", new LayerNorm(width));
        var perception = options.Perception;
        _visionPositions = perception.Positions switch
        {
            VisualPositions.Grid => SinCosPositions.Grid(Grid, width),
            VisualPositions.Line => SinCosPositions.Line(Grid.Count, width),
            _ => null,
        };
        _visionNorm2 = Add("vision.norm2", new LayerNorm(width));

        // Cameras share the stem; strategies that attend to all views jointly distinguish them by this mark.
        if (options.Fusion.Views > 1)
            _cameras = AddParameter("vision.cameras", Tensor.Normal([options.Fusion.Views, 1, width], random, 0.02f));
        if (options.TextWidth > 0) _states = Add("language.states", new StateProjection(options.TextWidth, width, random));
        else _words = Add("language.words", new Embedding(options.Words, width, random));
        if (tuned is not null) Add(TunedEncoder, tuned);
        _wordPositions = Add("language.positions", new LearnedPositions(options.MaxWords, width, random, 0.1f));
        _reader = Add("language.reader", new TransformerEncoder(perception.WordLayers,
            new TransformerOptions(width, options.Fusion.Heads, 2 * width), random, finalNorm: true));
        _fusion = Add("fusion", FusionStrategies.Create(options.Strategy,
            options.Fusion with { Vision = options.Fusion.Vision with { Grid = Grid } }, random));
        var inputs = width + options.Proprioception;
        var head = options.Head;
        if (head.Points is < 0 or > HeadOptions.MostPoints)
            throw new ShapeException("LanguagePolicy", $"a policy shows 0 to {HeadOptions.MostPoints} points, not {head.Points}");
        if (head.Points > 0)
        {
            if (options.Proprioception < 3)
                throw new ShapeException("LanguagePolicy", "a pointing policy needs the tool's place in its proprioception");
            _pointer = Add("pointer", new Perceptron([width, ActionHidden, 3 * head.Points], random));
            inputs += 6 * (head.Points == 1 ? 1 : head.Points + 1);
        }

        _actor = Add("actor", new Perceptron([inputs, ActionHidden, ActionHidden, options.Actions + (head.Points > 0 ? 1 : 0)], random));
        if (head.Cues > 0) _cues = Add("cues", new Linear(width, head.Cues, random));
        if (perception.Registers != 0 || perception.StateToken) _tokens = Add("tokens", new PolicyTokens(options, random));
        if (perception.PastFrames != 0) _past = Add("past", new FrameAges(options, random));
    }

    /// <summary>Where the visual tokens lie in the image.</summary>
    public TokenGrid Grid { get; }

    /// <summary>What joins words and vision.</summary>
    public FusionStrategy Fusion => _fusion;

    /// <summary>Sizes and choices.</summary>
    public PolicyOptions Options => _options;

    /// <summary>Takes over the vision stem, the text encoder and the fusion of another policy, pre-trained or trained; what acts stays as
    /// it was drawn.</summary>
    /// <param name="other">A policy whose parts have the same sizes.</param>
    /// <returns>What was taken and what was not.</returns>
    /// <exception cref="ShapeException">A part is missing there, or of another shape; the message names five of each kind and says how many
    /// more, and nothing was copied.</exception>
    internal PolicyStart StartFrom(LanguagePolicy other)
    {
        ArgumentNullException.ThrowIfNull(other);
        string[] parts = ["vision.", "language.", "fusion."];
        var theirs = other.Parameters().ToDictionary(p => p.Key, p => p.Value);
        var mine = Parameters().ToLookup(p => parts.Any(part => p.Key.StartsWith(part, StringComparison.Ordinal)));
        var problems = new ParameterProblems();
        foreach (var (name, parameter) in mine[true])
        {
            if (!theirs.TryGetValue(name, out var value)) problems.Missing(name, parameter.Shape);
            else if (value.Shape != parameter.Shape) problems.Differs(name, value.Shape, parameter.Shape);
        }

        if (problems.Any) throw new ShapeException("LanguagePolicy", $"cannot start from a policy of other sizes: {problems}");
        foreach (var (name, parameter) in mine[true]) theirs[name].Span.CopyTo(parameter.Span);
        var shapes = Parameters().ToDictionary(p => p.Key, p => p.Value.Shape);
        return new PolicyStart(
            [.. mine[true].Select(p => p.Key)],
            [.. mine[false].Select(p => p.Key)],
            [.. theirs.Where(p => !shapes.TryGetValue(p.Key, out var shape) || shape != p.Value.Shape)
                .Select(p => $"{p.Key} {p.Value.Shape}")],
            PolicyStart.Compare(other.Options, Options));
    }

    /// <summary>Computes the action.</summary>
    /// <param name="input">Images, words, proprioception.</param>
    /// <param name="pass">The pass; its trace receives the attention of all layers, those of the strategy under <c>fusion.…</c>.</param>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public PolicyOutput Forward(PolicyInput input, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(pass);
        var language = new Tokens(EncodeText(input.Words, input.Mask, pass), input.Mask);
        var vision = input.Encoded ? input.Images : EncodeImages(input.Images, pass);
        IReadOnlyList<Tokens?> views = Split(vision, pass).ConvertAll(view => new Tokens(Repeat(view, language.Batch, pass)));
        if (input.Past is { } past) views = WithPast(views, past, vision.Shape[0] / _options.Fusion.Views, pass);
        var state = CheckProprioception(input.Proprioception, language.Batch);
        var fused = Fuse(_tokens?.WithState(language, state, pass) ?? language, views, pass).Mean(pass);
        var output = Act(fused, state, pass) with { Fused = fused, Patches = vision };
        return pass.IsTraining && _cues is not null ? output with { Cues = _cues.Forward(vision, pass) } : output;
    }

    /// <summary>What the strategy makes of words and views.</summary>
    internal Tokens Fuse(Tokens language, IReadOnlyList<Tokens?> views, Pass pass) =>
        _fusion.Forward(new FusionInput(language, _tokens?.WithRegisters(views, pass) ?? views), pass).Fused;

    private IReadOnlyList<Tokens?> WithPast(IReadOnlyList<Tokens?> views, PastFrames past, int observations, Pass pass)
    {
        past.Check(this, observations);
        var tokens = past.Encoded ? past.Pictures
            : EncodeImages(pass.Reshape(past.Pictures, ImageShape(observations * _past!.Count)), pass);
        return _past!.Join(views, tokens, past.Mask, pass);
    }

    /// <summary>The shape of the images of S observations: pixels <c>[S, 3, H, W]</c> or <c>[S, V, 3, H, W]</c>, or features <c>[S, N,
    /// e]</c> or <c>[S, V, N, e]</c>.</summary>
    internal Shape ImageShape(int observations)
    {
        int[] picture = _stem is null ? [Grid.Count, _options.VisionWidth] : [3, _options.ImageSize, _options.ImageSize];
        return _options.Fusion.Views == 1 ? [observations, .. picture] : [observations, _options.Fusion.Views, .. picture];
    }

    /// <summary>The tokens of every image, one camera's beside the other's: <c>[S·V, N, d]</c>.</summary>
    internal Tensor EncodeImages(Tensor images, Pass pass)
    {
        var (count, shape) = (_options.Fusion.Views, images.Shape);
        var expected = ImageShape(shape[0]);
        if (shape != expected)
            throw new ShapeException("LanguagePolicy",
                $"{(_stem is null ? "features" : "images")} must be [S, {string.Join(", ", expected.Skip(1))}], got {shape}");
        if (count > 1) images = pass.Reshape(images, [shape[0] * count, .. shape.Skip(2)]);
        var tokens = _stem is null ? _features!.Forward(images, pass) : _stem.Forward(pass.Scale(images, 2, -1), pass);
        tokens = _visionNorm1.Forward(tokens, pass);
        return _visionNorm2.Forward(Mark(_visionPositions?.Forward(tokens, pass) ?? tokens, pass), pass);
    }

    private Tensor Mark(Tensor tokens, Pass pass)
    {
        if (_cameras is null) return tokens;
        Shape together = tokens.Shape, apart = [together[0] / _cameras.Shape[0], _cameras.Shape[0], together[1], together[2]];
        return pass.Reshape(pass.Add(pass.Reshape(tokens, apart), _cameras), together);
    }

    /// <summary>One camera's tokens after the other's: <c>[S·V, N, d] → V × [S, N, d]</c>.</summary>
    private List<Tensor> Split(Tensor tokens, Pass pass)
    {
        if (_cameras is null) return [tokens];
        var (images, count, width) = (tokens.Shape[0] / _cameras.Shape[0], tokens.Shape[1], tokens.Shape[2]);
        var apart = pass.Reshape(tokens, [images, _cameras.Shape[0], count, width]);
        return [.. Enumerable.Range(0, _cameras.Shape[0]).Select(v => pass.Reshape(pass.Slice(apart, 1, v, 1), [images, count, width]))];
    }

    /// <summary>The words, which have attended to each other: <c>[B, Nl] → [B, Nl, d]</c>, or from states <c>[B, Nl, e]</c>.</summary>
    internal Tensor EncodeText(Tensor words, Mask? mask, Pass pass)
    {
        if (words.Shape.Rank != (_states is null ? 2 : 3))
            throw new ShapeException("LanguagePolicy",
                $"words must be {(_states is null ? "numbers [B, Nl]" : $"states [B, Nl, {_options.TextWidth}]")}, got {words.Shape}");
        var tokens = _states?.Forward(words, pass) ?? _words!.Forward(words, pass);
        return _reader.Forward(_wordPositions.Forward(tokens, pass), mask, pass, AttentionSides.Among(TokenKind.Words, words.Shape[1]));
    }

    /// <summary>Every image's tokens once for each of its instructions: <c>[S, N, d] → [B, N, d]</c>.</summary>
    internal static Tensor Repeat(Tensor tokens, int batch, Pass pass)
    {
        var (images, count, width) = (tokens.Shape[0], tokens.Shape[1], tokens.Shape[2]);
        if (images == batch) return tokens;
        if (images == 0 || batch % images != 0)
            throw new ShapeException("LanguagePolicy", $"{batch} instructions do not share {images} images evenly");
        var repeated = pass.Expand(pass.Reshape(tokens, [images, 1, count, width]), [images, batch / images, count, width]);
        return pass.Reshape(repeated, [batch, count, width]);
    }

    private Tensor? CheckProprioception(Tensor? proprioception, int batch)
    {
        var count = _options.Proprioception;
        return (proprioception is null ? count == 0 : count > 0 && proprioception.Shape == [batch, count])
            ? proprioception
            : throw new ShapeException("LanguagePolicy",
                $"proprioception must be [{batch}, {count}], got {proprioception?.Shape.ToString() ?? "none"}");
    }

    private PolicyOutput Act(Tensor z, Tensor? proprioception, Pass pass)
    {
        if (_pointer is null)
            return new PolicyOutput(_actor.Forward(proprioception is null ? z : pass.Concat(1, z, proprioception), pass), null, null);

        var points = _pointer.Forward(z, pass);
        var tool = pass.Slice(proprioception!, 1, 0, 3);
        var count = _options.Head.Points;
        var way = count == 1 ? pass.Subtract(points, tool)
            : Ways(points, tool, pass.Slice(proprioception!, 1, _options.Proprioception - 1, 1), pass);
        var inputs = pass.Concat(1, z, proprioception!, pass.Scale(way, 2), pass.Tanh(pass.Scale(way, 8)));
        var output = _actor.Forward(inputs, pass);
        return new PolicyOutput(pass.Slice(output, 1, 0, _options.Actions), pass.Slice(output, 1, _options.Actions, 1), points);
    }

    /// <summary>The ways to all points, and once more the one that counts now: to the second point with something in the hand, else to the
    /// first. So approaching is learned once, whatever is approached.</summary>
    private Tensor Ways(Tensor points, Tensor tool, Tensor holding, Pass pass)
    {
        var ways = pass.Subtract(points, pass.Concat(1, [.. Enumerable.Repeat(tool, _options.Head.Points)]));
        Tensor empty = pass.Slice(ways, 1, 0, 3), full = pass.Slice(ways, 1, 3, 3);
        return pass.Concat(1, ways, pass.Add(empty, pass.Multiply(pass.Subtract(full, empty), holding)));
    }
}
