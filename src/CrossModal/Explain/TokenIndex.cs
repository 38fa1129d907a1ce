using CrossModal.Attention;
using CrossModal.Engine.Recording;

namespace CrossModal.Explain;

/// <summary>Numbers the tokens that attentions of a pass state: words, the patches of each camera, latents. Tokens that were made of others
/// are led back to those by their shares.</summary>
internal sealed class TokenIndex
{
    private readonly Dictionary<(TokenKind Kind, int View, int Age, int Count), int> _first = [];

    /// <summary>Numbers all tokens of some attentions.</summary>
    public TokenIndex(IEnumerable<RecordedAttention> attentions)
    {
        foreach (var attention in attentions)
            foreach (var run in (attention.Queries ?? []).Concat(attention.Keys ?? [])) Number(run);
    }

    /// <summary>How many tokens there are.</summary>
    public int Count { get; private set; }

    /// <summary>The number of every query, −1 for one that was made of others; null when queries are not stated.</summary>
    public int[]? Queries(RecordedAttention attention)
    {
        if (attention.Queries is not { } runs) return null;
        var numbers = new List<int>();
        foreach (var run in runs)
        {
            var first = _first.GetValueOrDefault(Key(run), -1);
            numbers.AddRange(Enumerable.Range(0, run.Count).Select(i => first < 0 ? -1 : first + i));
        }

        return [.. numbers];
    }

    /// <summary>Numbers per pair of query and key as numbers per pair of query and token, <c>[Nq, Count]</c>; null when keys are not
    /// stated.</summary>
    /// <remarks>Keys that a layer appends, and made tokens of unknown shares, are left out.</remarks>
    public double[,]? Unfold(RecordedAttention attention, double[,] pairs)
    {
        if (attention.Keys is not { } runs) return null;
        var (result, firstKey) = (new double[pairs.GetLength(0), Count], 0);
        foreach (var run in runs)
        {
            for (var q = 0; q < pairs.GetLength(0); q++)
            {
                var weights = new float[run.Count];
                for (var k = 0; k < run.Count; k++) weights[k] = (float)pairs[q, firstKey + k];
                Spread(run, weights, result, q);
            }

            firstKey += run.Count;
        }

        return result;
    }

    /// <summary>The rows of words and the columns of patches of a matrix over all tokens, as a map of every camera.</summary>
    /// <exception cref="NotSupportedException">Nothing leads from words to patches.</exception>
    public ExplanationMap ReadWords(IMapMethod method, ExplainedDecision decision, double[,] matrix)
    {
        var words = _first.Where(f => f.Key.Kind == TokenKind.Words && f.Key.Count == decision.Words).Select(f => (int?)f.Value)
            .FirstOrDefault();
        var views = new List<float[]>();
        for (var view = 0; view < decision.Views; view++)
        {
            var map = new float[decision.Words * decision.Grid.Count];
            if (words is { } first && _first.TryGetValue((TokenKind.Patches, view, 0, decision.Grid.Count), out var patches))
                for (var w = 0; w < decision.Words; w++)
                    for (var p = 0; p < decision.Grid.Count; p++) map[w * decision.Grid.Count + p] = (float)matrix[first + w, patches + p];
            views.Add(map);
        }

        return views.Any(map => map.Any(x => x != 0)) ? new ExplanationMap(method, decision.Grid, decision.Words, views)
            : throw new NotSupportedException(
                $"{method.Name}: nothing in '{decision.Name}' leads from words to patches (or, for a method of gradients, nothing that speaks for the decision)");
    }

    private static (TokenKind Kind, int View, int Age, int Count) Key(TokenRun run) => (run.Kind, run.View, run.Age, run.Count);

    private void Number(TokenRun run)
    {
        foreach (var part in run.Of) Number(part);
        if (run.Kind == TokenKind.Made || !_first.TryAdd(Key(run), Count)) return;
        Count += run.Count;
    }

    private void Spread(TokenRun run, ReadOnlySpan<float> weights, double[,] result, int query)
    {
        if (run.Kind != TokenKind.Made)
        {
            var first = _first[Key(run)];
            for (var k = 0; k < run.Count; k++) result[query, first + k] += weights[k];
            return;
        }

        if (run.Shares is null) return;
        var source = new TokenSource(run.Shares);
        var originals = new float[source.Originals];
        source.Row(0, weights, originals);
        var at = 0;
        foreach (var part in run.Of)
        {
            Spread(part, originals.AsSpan(at, part.Count), result, query);
            at += part.Count;
        }
    }
}
