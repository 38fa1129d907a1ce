using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Onnx;

/// <summary>A fusion strategy: words and views with their masks in; fused tokens, their mask, further results and maps out.</summary>
/// <param name="strategy">The strategy.</param>
/// <param name="example">What it is given.</param>
/// <param name="options">How it is exported.</param>
internal sealed class StrategySource(FusionStrategy strategy, StrategyExample example, OnnxOptions options) : IExportSource
{
    private const string Batch = "batch";
    private const string Words = "words";
    private const string Fused = "fused";
    private const string FusedMask = "fused_mask";

    /// <inheritdoc/>
    public string Name => strategy.GetType().Name;

    /// <inheritdoc/>
    public Module Module => strategy;

    /// <inheritdoc/>
    public IReadOnlyList<SizeSymbol> Symbols { get; } =
    [
        options.Batch is { } batch ? new SizeSymbol(Batch, batch) : new SizeSymbol(Batch, 3, 4, 7),
        Around("words", example.Words),
        .. Present(example).Select(view => Around(Patches(view), example.Views[view]!.Value)),
    ];

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> Metadata =>
    [
        new("crossmodal.kind", "strategy"),
        new("crossmodal.strategy", Name),
        new("crossmodal.width", $"{strategy.Width}"),
        new("crossmodal.masks", "true = real token; fused_mask alike"),
    ];

    /// <inheritdoc/>
    public Recorded Record(IReadOnlyDictionary<string, int> sizes)
    {
        var trace = options.Maps ? new AttentionTrace() : null;
        using var pass = Pass.Planning(trace: trace);
        var words = Tokens(Size(Words), example.WordsMask);
        var views = new Tokens?[example.Views.Count];
        foreach (var view in Present(example)) views[view] = Tokens(Size(Patches(view)), example.ViewMasks);
        var output = strategy.Forward(new FusionInput(words, views), pass);
        List<RecordedOutput> results = [new(Fused, output.Fused.Values)];
        if (output.Fused.Mask is { } mask) results.Add(new(FusedMask, pass.Reshape(mask.Scores, [mask.Scores.Shape[0], mask.Keys])));
        results.AddRange(output.Named.Select(named => new RecordedOutput($"{Fused}.{named.Key}", named.Value)));
        if (trace is not null) results.AddRange(new RecordedMaps(pass).Read(trace, [.. Enumerable.Range(0, views.Length).Select(View)]));
        return new Recorded(sizes, [.. pass.Record], [.. views.Prepend(words).OfType<Tokens>().SelectMany(Tensors)], results);

        int Size(string name) => sizes.TryGetValue(name, out var size) ? size : Symbols.First(symbol => symbol.Name == name).Base;

        Tokens Tokens(int count, bool masked) =>
            new(Tensor.Zeros([Size(Batch), count, strategy.Width]), masked ? Padding(count) : null);

        Mask Padding(int count) => Mask.OfScores(Tensor.Zeros([Size(Batch), 1, 1, count]));

        static IEnumerable<Tensor> Tensors(Tokens tokens) => tokens.Mask is { } given ? [tokens.Values, given.Scores] : [tokens.Values];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> AddInputs(GraphBuilder graph, Func<string, Dim> size)
    {
        var values = new List<string>();
        Add(Words, Words, example.WordsMask);
        foreach (var view in Present(example)) Add(View(view), Patches(view), example.ViewMasks);
        return values;

        void Add(string name, string count, bool masked)
        {
            values.Add(graph.Input(new OnnxValue(name, ElementKind.Float, [size(Batch), size(count), strategy.Width])));
            if (masked) values.Add(MaskInputs.Add(graph, $"{name}_mask", size(Batch), size(count)));
        }
    }

    /// <inheritdoc/>
    public (ElementKind Kind, string Value) Finish(GraphBuilder graph, string name, string value) => name == FusedMask
        ? (ElementKind.Bool, graph.Add("Greater", value, graph.Number(float.NegativeInfinity)))
        : (ElementKind.Float, value);

    /// <summary>The views that are there.</summary>
    private static IEnumerable<int> Present(StrategyExample example) =>
        Enumerable.Range(0, example.Views.Count).Where(view => example.Views[view] is not null);

    private static string View(int view) => $"view{view}";

    private static string Patches(int view) => $"patches{view}";

    // Further sizes are far from each other: what is rounded does not grow evenly by chance.
    private static SizeSymbol Around(string name, int count) => new(name, count, count + 1, count + 3, 2 * count + 5);
}
