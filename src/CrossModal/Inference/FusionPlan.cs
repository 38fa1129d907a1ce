using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference.Steps;

namespace CrossModal.Inference;

/// <summary>A strategy compiled for one set of sizes: number of words and of visual tokens, which of them are masked, which views are there.</summary>
internal sealed class FusionPlan
{
    private readonly Given _language;
    private readonly Given?[] _views;
    private readonly FusionOutput _output;

    /// <summary>Records the strategy on inputs of these sizes and compiles the record.</summary>
    public FusionPlan(FusionStrategy strategy, Tokens language, ReadOnlySpan<Tokens?> views, SessionOptions options, CompiledWeights weights)
    {
        // Views of the tensors, so that one given twice is two inputs.
        var words = Alone(language);
        var seen = new Tokens?[views.Length];
        for (var i = 0; i < seen.Length; i++) seen[i] = views[i] is { } view ? Alone(view) : null;
        using var pass = Pass.Planning(options.Workers);
        var output = strategy.Forward(new FusionInput(words, seen), pass);
        Tensor[] results = [output.Fused.Values, .. Optional(output.Fused.Mask?.Scores), .. output.Named.Values];
        var graph = Graph.Read(pass.Record, Tensors(words), seen.OfType<Tokens>().SelectMany(Tensors), results);
        var names = new Dictionary<Tensor, string>(ReferenceEqualityComparer.Instance);
        foreach (var (name, parameter) in strategy.Parameters()) names.TryAdd(parameter, name);

        _language = new Given(graph[words.Values], words.Mask is null ? null : graph[words.Mask.Scores]);
        _views = Array.ConvertAll(seen, view => view is null ? null : new Given(graph[view.Values], view.Mask is null ? null : graph[view.Mask.Scores]));
        foreach (var value in _language.All) value.Memory = Tensor.Zeros(value.Shape);
        var steps = Lowering.Lower(graph, weights, names, options).ToList();
        var outputs = results.Select(tensor => Own(graph[tensor], steps)).ToArray();
        Compiled = new CompiledGraph(steps, outputs, weights, pass.Workers);

        var mask = output.Fused.Mask is null ? null : Mask.OfScores(outputs[1].Memory);
        var firstNamed = outputs.Length - output.Named.Count;
        _output = new FusionOutput(new Tokens(outputs[0].Memory, mask),
            output.Named.Keys.Select((name, i) => (name, outputs[firstNamed + i].Memory)).ToDictionary(p => p.name, p => p.Memory));
    }

    /// <summary>The steps and their memory.</summary>
    public CompiledGraph Compiled { get; }

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

    /// <summary>A result that is an input itself is copied: the caller's memory is not ours to hand out.</summary>
    private static Value Own(Value result, List<Step> steps)
    {
        if (!result.Root.IsInput) return result;
        var copy = new Value(result.Shape, result.Stage) { IsOutput = true };
        steps.Add(new CopyStep(result, copy));
        return copy;
    }

    private static Tokens Alone(Tokens tokens) =>
        new(tokens.Values.View(tokens.Values.Shape), tokens.Mask is { } mask ? Mask.OfScores(mask.Scores.View(mask.Scores.Shape)) : null);

    private static IEnumerable<Tensor> Tensors(Tokens tokens) => [tokens.Values, .. Optional(tokens.Mask?.Scores)];

    private static Tensor[] Optional(Tensor? tensor) => tensor is null ? [] : [tensor];

    /// <summary>Tokens that are brought, and their mask.</summary>
    private sealed record Given(Value Tokens, Value? Mask)
    {
        public IEnumerable<Value> All => Mask is null ? [Tokens] : [Tokens, Mask];

        public bool Fits(Tokens given) =>
            given.Values.Shape == Tokens.Shape && (Mask is null ? given.Mask is null : given.Mask is { } mask && mask.Scores.Shape == Mask.Shape);
    }
}
