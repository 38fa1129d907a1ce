using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Onnx;

/// <summary>Maps from words to patches as further operations of a recorded pass: what
/// <see cref="Explain.WordMap.Read(AttentionTrace, int, int, Layers.TokenGrid, int)"/> reads of a trace of numbers.</summary>
/// <param name="pass">The pass.</param>
internal sealed class RecordedMaps(Pass pass)
{
    private readonly Dictionary<TokenShares, Tensor> _shares = new(ReferenceEqualityComparer.Instance);

    /// <summary>The maps <c>[B, H, Nl, N]</c> of every layer, view and picture, in the order of the layers.</summary>
    /// <param name="trace">The trace of the pass.</param>
    /// <param name="views">Names of the views.</param>
    public IReadOnlyList<RecordedOutput> Read(AttentionTrace trace, IReadOnlyList<string> views)
    {
        var maps = new List<RecordedOutput>();
        foreach (var entry in trace.Entries)
        {
            if (Words(entry) is not { } words) continue;
            var first = 0;
            foreach (var run in entry.KeyTokens ?? [])
            {
                if (LeadsToPatches(run))
                {
                    var rows = pass.Slice(pass.Slice(entry.Value, 2, words.First, words.Count), 3, first, run.Count);
                    foreach (var (patches, map) in OnPatches(run, rows))
                        maps.Add(new RecordedOutput(Unique($"map.{entry.Key}.{views[patches.View]}{Ago(patches.Age)}"), map));
                }

                first += run.Count;
            }
        }

        return maps;

        string Unique(string name)
        {
            var count = maps.Count(map => map.Name == name || map.Name.StartsWith($"{name}#", StringComparison.Ordinal));
            return count == 0 ? name : $"{name}#{count + 1}";
        }
    }

    /// <summary>What the name of a map over an earlier picture ends with.</summary>
    private static string Ago(int age) => age == 0 ? "" : $".past{age}";

    private static (int First, int Count)? Words(TraceEntry entry)
    {
        var first = 0;
        foreach (var run in entry.QueryTokens ?? [])
        {
            if (run.Kind == TokenKind.Words) return (first, run.Count);
            first += run.Count;
        }

        return null;
    }

    private static bool LeadsToPatches(TokenRun run) =>
        run.Kind == TokenKind.Patches || run is { Kind: TokenKind.Made, SharesOf: not null } && run.Of.Any(LeadsToPatches);

    private IEnumerable<(TokenRun Patches, Tensor Rows)> OnPatches(TokenRun run, Tensor rows)
    {
        if (run.Kind == TokenKind.Patches) return [(run, rows)];
        if (!LeadsToPatches(run)) return [];
        var rule = run.SharesOf!;
        if (!_shares.TryGetValue(rule, out var shares)) _shares[rule] = shares = rule.Record(rule.From, pass);
        Shape shape = rows.Shape;
        var back = pass.MatMul(pass.Reshape(rows, [shape[0], shape[1] * shape[2], shape[3]]), shares);
        back = pass.Reshape(back, [shape[0], shape[1], shape[2], shares.Shape[2]]);
        var (found, first) = (new List<(TokenRun Patches, Tensor Rows)>(), 0);
        foreach (var part in run.Of)
        {
            found.AddRange(OnPatches(part, pass.Slice(back, 3, first, part.Count)));
            first += part.Count;
        }

        return found;
    }
}
