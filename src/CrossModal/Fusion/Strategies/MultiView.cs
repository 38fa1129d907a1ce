using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>How several cameras become one result.</summary>
public enum ViewCombination
{
    /// <summary>Each camera is attended on its own; the results are averaged. The textbook's.</summary>
    Mean,

    /// <summary>Each camera is attended on its own; each word weighs the results by a learned score.</summary>
    Learned,

    /// <summary>All cameras' tokens are attended at once, each marked with its camera.</summary>
    Joint,
}

/// <summary>Whether cameras share their weights.</summary>
public enum ViewSharing
{
    /// <summary>One set of weights for all cameras.</summary>
    Shared,

    /// <summary>A set of weights for each camera.</summary>
    Separate,
}

/// <summary>Fuses words with several cameras. A camera that is missing, or whose tokens are all padding, is as if it had never been
/// there.</summary>
/// <remarks>The textbook averages over views with one shared attention, knows no missing camera and no mark of the camera.</remarks>
public sealed class MultiView : FusionStrategy
{
    private readonly ModuleList<FusionStrategy> _strategies;
    private readonly Tensor? _marks;
    private readonly Linear? _score;
    private readonly ViewCombination _combination;
    private readonly int _views;

    /// <summary>The average over cameras.</summary>
    public static StrategyDescription MeanDescription { get; } = new("multi-view-mean", "Two views, averaged",
        "each camera on its own, results averaged",
        (o, r) => new MultiView(o, r))
    { Attends = VisionAttention.Words, Views = 2 };

    /// <summary>The average over cameras, each with weights of its own.</summary>
    public static StrategyDescription SeparateDescription { get; } = new("multi-view-separate", "Two views, averaged, weights apart",
        "the same with weights for each camera",
        (o, r) => new MultiView(o, r, sharing: ViewSharing.Separate))
    { Attends = VisionAttention.Words, Views = 2 };

    /// <summary>Cameras weighed by a learned score.</summary>
    public static StrategyDescription LearnedDescription { get; } = new("multi-view-learned", "Two views, weighed by learning",
        "each camera on its own, weighed by a learned score",
        (o, r) => new MultiView(o, r, ViewCombination.Learned))
    { Attends = VisionAttention.Words, Views = 2 };

    /// <summary>All cameras at once.</summary>
    public static StrategyDescription JointDescription { get; } = new("multi-view-joint", "Two views, jointly",
        "all cameras at once, each marked",
        (o, r) => new MultiView(o, r, ViewCombination.Joint))
    { Attends = VisionAttention.Words, Views = 2 };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Views"/> cameras.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="combination">How cameras become one result.</param>
    /// <param name="sharing">Whether cameras share weights; joint attention always does.</param>
    /// <param name="create">makes the strategy of one camera (or of all, when joint); a <see cref="CrossModalTransformer"/> when
    /// null.</param>
    /// <exception cref="ShapeException">The number of cameras is not positive, or separate weights were asked for joint
    /// attention.</exception>
    public MultiView(FusionOptions options, RandomSource random, ViewCombination combination = ViewCombination.Mean,
        ViewSharing sharing = ViewSharing.Shared, Func<FusionStrategy>? create = null)
        : base(options)
    {
        if (options.Views <= 0) throw new ShapeException("MultiView", $"needs at least one camera, got {options.Views}");
        if (combination == ViewCombination.Joint && sharing == ViewSharing.Separate)
            throw new ShapeException("MultiView", "joint attention attends to all cameras at once and cannot have separate weights");
        create ??= () => new CrossModalTransformer(options, random);
        _combination = combination;
        _views = options.Views;
        _strategies = Add("views", new ModuleList<FusionStrategy>(sharing == ViewSharing.Separate ? options.Views : 1, _ => create()));
        if (combination == ViewCombination.Joint)
            _marks = AddParameter("camera", Tensor.Normal([options.Views, options.Width], random, 0.02f));
        if (combination == ViewCombination.Learned) _score = Add("score", new Linear(options.Width, 1, random));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>; the result of camera i by the name
    /// <c>view{i}</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        if (input.Views.Count > _views) throw new ShapeException("MultiView", $"made for {_views} cameras, got {input.Views.Count}");
        if (input.Views.All(v => v is null)) throw new ShapeException("MultiView", "all cameras are missing");
        return _combination == ViewCombination.Joint ? Joint(input, pass) : Separately(input, pass);
    }

    private FusionOutput Joint(FusionInput input, Pass pass)
    {
        var marked = new List<Tokens?>();
        for (var i = 0; i < input.Views.Count; i++)
            marked.Add(input.Views[i] is { } view ? view with { Values = pass.Add(view.Values, pass.Slice(_marks!, 0, i, 1)) } : null);
        return _strategies[0].Forward(input with { Views = marked }, pass);
    }

    private FusionOutput Separately(FusionInput input, Pass pass)
    {
        var named = new Dictionary<string, Tensor>();
        var results = new List<Tensor>();
        var weights = new List<Tensor>();
        for (var i = 0; i < input.Views.Count; i++)
        {
            if (input.Views[i] is not { } view) continue;
            var result = _strategies[Math.Min(i, _strategies.Count - 1)].Forward(input.Language, view, pass).Fused.Values;
            named[$"view{i}"] = result;
            results.Add(result);
            weights.Add(Weight(result, view, pass));
        }

        // Weights are e^score, or 1, or 0 for a camera without a real token: their sum divides.
        var sum = pass.Multiply(results[0], weights[0]);
        var total = weights[0];
        for (var i = 1; i < results.Count; i++)
        {
            sum = pass.Add(sum, pass.Multiply(results[i], weights[i]));
            total = pass.Add(total, weights[i]);
        }

        return new FusionOutput(input.Language with { Values = pass.Divide(sum, Positive(total, pass)) }, named);
    }

    /// <summary>How much a camera's result counts, <c>[B or 1, Nl or 1, 1]</c>; 0 where it has no real token.</summary>
    private Tensor Weight(Tensor result, Tokens view, Pass pass)
    {
        // tanh keeps e^score between 1/e³ and e³: no camera is lost for good.
        var weight = _score is null ? Tensor.Full([1, 1, 1], 1) : pass.Exp(pass.Scale(pass.Tanh(_score.Forward(result, pass)), 3));
        return view.Mask is null ? weight : pass.Multiply(weight, AtMostOne(pass.Max(view.Mask.Presence(pass), axis: 1, keepAxis: true),
            pass));
    }

    /// <summary>min(x, 1): a token that stands for several is present once.</summary>
    private static Tensor AtMostOne(Tensor x, Pass pass) => pass.Scale(pass.Relu(pass.Scale(x, -1, 1)), -1, 1);

    /// <summary>x where it is positive; 1 where all cameras are missing, so that the result is 0 and not NaN.</summary>
    private static Tensor Positive(Tensor x, Pass pass)
    {
        // The smallest weight of a present camera is e⁻³; what is added where x is 0 vanishes in float32 beside it.
        const float Tiny = 1e-12f;
        return pass.Scale(x, 1, Tiny);
    }
}
