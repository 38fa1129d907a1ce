using CrossModal.Engine.Recording;

namespace CrossModal.Explain;

/// <summary>The attention weights of a layer themselves, the mean over heads or one head.</summary>
/// <param name="layer">Name of the layer; that whose maps are least spread when null.</param>
/// <param name="head">Number of a head from 0; the mean over heads when null.</param>
internal sealed class RawAttention(string? layer = null, int? head = null) : IMapMethod
{
    /// <inheritdoc/>
    public string Name => "raw";

    /// <inheritdoc/>
    public string Summary => "the attention weights of a layer, the mean over heads; by default of the layer with the least spread";

    /// <inheritdoc/>
    public MapNeeds Needs => MapNeeds.Weights;

    /// <inheritdoc/>
    public bool OfWords => true;

    /// <inheritdoc/>
    public ExplanationMap Compute(ExplainedDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        var trace = new AttentionTrace();
        foreach (var a in decision.Attentions()) trace.Hold(a.Layer, a.Weights, a.Queries, a.Keys);
        var maps = WordMap.Read(trace, 0, decision.Words, decision.Grid);
        if (maps.Count == 0) throw new NotSupportedException($"raw: '{decision.Name}' has no attention from words to patches");
        var chosen = layer ?? maps.MinBy(m => m.Spread())!.Layer;
        var named = maps.Where(m => m.Layer == chosen).ToList();
        if (named.Count == 0)
            throw new ArgumentException(
            $"raw: there is no layer '{chosen}'; there are: {string.Join(", ", maps.Select(m => m.Layer).Distinct())}");
        if (head is { } number && (number < 0 || number >= named[0].Heads))
            throw new ArgumentException($"raw: {chosen} has heads 0 to {named[0].Heads - 1}, not {number}");
        return new ExplanationMap(this, decision.Grid, decision.Words, [.. Enumerable.Range(0, decision.Views).Select(View)]);

        float[] View(int view) => named.Find(m => m.View == view) is not { } map ? new float[decision.Words * decision.Grid.Count]
            : [.. Enumerable.Range(0, decision.Words).SelectMany(word => head is { } h ? map.Head(h, word).ToArray() : map.Mean(word))];
    }
}
