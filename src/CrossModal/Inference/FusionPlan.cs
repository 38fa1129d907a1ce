using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

namespace CrossModal.Inference;

/// <summary>A strategy compiled for one set of sizes: number of words and of visual tokens, which of them are masked, which views are
/// there.</summary>
internal sealed class FusionPlan
{
    private readonly Given _language;
    private readonly Given?[] _views;
    private readonly FusionOutput _output;
    private readonly RecordedPlan _plan;

    /// <summary>Records the strategy on inputs of these sizes and compiles the record.</summary>
    public FusionPlan(FusionStrategy strategy, Tokens language, ReadOnlySpan<Tokens?> views, SessionOptions options,
        CompiledWeights weights)
    {
        // The plan's own words; and views of the tensors, so that one given twice is two inputs.
        var words = new Tokens(Tensor.Zeros(language.Values.Shape),
            language.Mask is { } given ? Mask.OfScores(Tensor.Zeros(given.Scores.Shape)) : null);
        var seen = new Tokens?[views.Length];
        for (var i = 0; i < seen.Length; i++) seen[i] = views[i] is { } view ? Alone(view) : null;
        FusionOutput? output = null;
        var inputs = new PlanInputs([.. Tensors(words)], [.. seen.OfType<Tokens>().SelectMany(Tensors)]) { FrameMoves = true };
        var plan = new RecordedPlan(strategy, inputs, pass =>
        {
            output = strategy.Forward(new FusionInput(words, seen), pass);
            return [output.Fused.Values, .. Optional(output.Fused.Mask?.Scores), .. output.Named.Values];
        }, options, weights);
        _plan = plan;
        _language = Given.Of(words, plan);
        _views = Array.ConvertAll(seen, view => view is null ? null : Given.Of(view, plan));

        var results = plan.Outputs;
        var mask = output!.Fused.Mask is null ? null : Mask.OfScores(results[1]);
        var firstNamed = results.Count - output.Named.Count;
        _output = new FusionOutput(new Tokens(results[0], mask),
            output.Named.Keys.Select((name, i) => (name, results[firstNamed + i])).ToDictionary(p => p.name, p => p.Item2));
    }

    /// <summary>The steps and their memory.</summary>
    public CompiledGraph Compiled => _plan.Compiled;

    /// <summary>Which instruction was computed last.</summary>
    public long Instruction { get; private set; } = -1;

    /// <summary>When the plan was last used.</summary>
    public long Used { get; set; }

    /// <summary>Whether inputs have the sizes of this plan.</summary>
    public bool Fits(Tokens language, ReadOnlySpan<Tokens?> views)
    {
        if (!_language.Fits(language) || views.Length != _views.Length) return false;
        for (var i = 0; i < views.Length; i++)
        {
            if (_views[i] is { } view ? views[i] is not { } given || !view.Fits(given) : views[i] is not null) return false;
        }

        return true;
    }

    /// <summary>Computes what depends on the instruction alone.</summary>
    /// <param name="language">Words.</param>
    /// <param name="number">What to call this instruction.</param>
    public void SetInstruction(Tokens language, long number)
    {
        language.Values.Span.CopyTo(_language.Tokens.Span);
        if (_language.Mask is { } mask) language.Mask!.Scores.Span.CopyTo(mask.Span);
        Compiled.Run(Stage.Instruction);
        Instruction = number;
    }

    /// <summary>Computes a frame; the result is overwritten by the next.</summary>
    public FusionOutput Run(ReadOnlySpan<Tokens?> views)
    {
        for (var i = 0; i < views.Length; i++)
        {
            if (_views[i] is not { } view) continue;
            view.Tokens.Memory = views[i]!.Values;
            if (view.Mask is { } mask) mask.Memory = views[i]!.Mask!.Scores;
        }

        Compiled.Run(Stage.Frame);
        return _output;
    }

    /// <summary>The trace of the last frame.</summary>
    public AttentionTrace ReadTrace() => _plan.ReadTrace();

    private static Tokens Alone(Tokens tokens) =>
        new(tokens.Values.View(tokens.Values.Shape), tokens.Mask is { } mask ? Mask.OfScores(mask.Scores.View(mask.Scores.Shape)) : null);

    private static IEnumerable<Tensor> Tensors(Tokens tokens) => [tokens.Values, .. Optional(tokens.Mask?.Scores)];

    private static Tensor[] Optional(Tensor? tensor) => tensor is null ? [] : [tensor];

    /// <summary>Tokens that are brought, and their mask.</summary>
    private sealed record Given(Value Tokens, Value? Mask)
    {
        public static Given Of(Tokens recorded, RecordedPlan plan) =>
            new(plan[recorded.Values], recorded.Mask is null ? null : plan[recorded.Mask.Scores]);

        public bool Fits(Tokens given) =>
            given.Values.Shape == Tokens.Shape && (Mask is null ? given.Mask is null : given.Mask is { } mask
                && mask.Scores.Shape == Mask.Shape);
    }
}
