using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>What a recorded pass stated of its attentions, and which values of the plan a trace of it is computed from.</summary>
internal sealed class RecordedTrace
{
    private readonly AttentionTrace _recorded;
    private readonly Dictionary<Tensor, int> _weights = new(ReferenceEqualityComparer.Instance);
    private readonly Graph _graph;

    /// <summary>Finds the attentions of the record among those of the graph.</summary>
    /// <param name="recorded">What the pass wrote: tensors without numbers.</param>
    /// <param name="graph">The graph that was read from its record.</param>
    public RecordedTrace(AttentionTrace recorded, Graph graph)
    {
        (_recorded, _graph) = (recorded, graph);
        var attentions = graph.Nodes.Where(node => node.Operation is AttendingOperation).ToList();
        foreach (var entry in recorded.Entries)
            if (graph.Find(entry.Value)?.Producer is { } node) _weights[entry.Value] = attentions.IndexOf(node);
    }

    /// <summary>Tensors that shares of made tokens follow from, attention weights apart: a plan keeps them.</summary>
    /// <param name="recorded">What a pass that computes nothing wrote.</param>
    public static IEnumerable<Tensor> Kept(AttentionTrace recorded)
    {
        var weights = recorded.Entries.Select(entry => entry.Value).ToHashSet<Tensor>(ReferenceEqualityComparer.Instance);
        return recorded.Entries.SelectMany(entry => Rules((entry.QueryTokens ?? []).Concat(entry.KeyTokens ?? [])))
            .SelectMany(rule => rule.From)
            .Where(tensor => !weights.Contains(tensor)).Distinct<Tensor>(ReferenceEqualityComparer.Instance);
    }

    /// <summary>The attentions whose keys are patches, or patches among others: their place among the graph's attentions, and what the pass
    /// stated of them.</summary>
    public IEnumerable<(int Index, TraceEntry Entry)> ToPatches() => _recorded.Entries
        .Where(entry => _weights.ContainsKey(entry.Value) && (entry.KeyTokens ?? []).Any(run => run.Kind == TokenKind.Patches))
        .Select(entry => (_weights[entry.Value], entry));

    /// <summary>The trace that the pass would have written of numbers.</summary>
    /// <param name="weights">The weights of the graph's attentions, in their order.</param>
    public AttentionTrace Of(IReadOnlyList<Tensor> weights)
    {
        var (trace, known) = (new AttentionTrace(), new Dictionary<TokenShares, Tensor>(ReferenceEqualityComparer.Instance));
        foreach (var entry in _recorded.Entries)
            if (_weights.TryGetValue(entry.Value, out var index))
                trace.Hold(entry.Key, weights[index], Known(entry.QueryTokens), Known(entry.KeyTokens));
        return trace;

        IReadOnlyList<TokenRun>? Known(IReadOnlyList<TokenRun>? runs) => runs is null ? null
            : [.. runs.Select(run => run with { Of = Known(run.Of)!, Shares = run.SharesOf is { } rule ? Shares(rule) : run.Shares,
                SharesOf = null })];

        Tensor Shares(TokenShares rule)
        {
            if (!known.TryGetValue(rule, out var shares))
                known[rule] = shares = trace.AddSource(rule.Name, rule.Compute([.. rule.From.Select(Read)]));
            return shares;
        }

        Tensor Read(Tensor tensor) => _weights.TryGetValue(tensor, out var index) ? weights[index]
            : _graph.Find(tensor) is { HasMemory: true } value ? value.Memory : tensor;
    }

    private static IEnumerable<TokenShares> Rules(IEnumerable<TokenRun> runs) =>
        runs.SelectMany(run => run.SharesOf is { } rule ? Rules(run.Of).Append(rule) : Rules(run.Of));
}
