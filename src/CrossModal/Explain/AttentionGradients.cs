using System.Numerics.Tensors;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Explain;

/// <summary>The weights of one attention and how a decision would change with them.</summary>
/// <param name="Layer">Name of the attention, as in the checkpoint.</param>
/// <param name="Weights">The weights <c>[B, H, Nq, Nk]</c>.</param>
/// <param name="Gradient">The gradient of the decision with respect to them, in that shape.</param>
internal sealed record AttentionGradient(string Layer, Tensor Weights, Tensor Gradient)
{
    /// <summary>What spoke for the decision: weights times gradient, where that is positive (Selvaraju et al. 2017, "Grad-CAM", as Li et
    /// al. 2021, "Align before Fuse", apply it to cross-attention).</summary>
    public Tensor Weighted()
    {
        var weighted = Weights.Copy();
        for (var i = 0; i < weighted.Span.Length; i++) weighted.Span[i] *= Math.Max(0, Gradient.Span[i]);
        return weighted;
    }
}

/// <summary>Asks attentions of a recorded pass what a decision owes to each of their weights.</summary>
internal static class AttentionGradients
{
    /// <summary>The weights and gradients of the attentions that were recorded, in the order they ran.</summary>
    /// <remarks>An attention is one operation, result = A·V per head whatever A is made by; with the gradient G of its result, that of A is
    /// G·Vᵀ.</remarks>
    /// <param name="pass">A recording pass with a trace, which makes attentions give their weights; without dropout.</param>
    /// <param name="decision">A single number made in the pass.</param>
    /// <param name="asked">Which layers, by name.</param>
    /// <exception cref="InvalidOperationException">Nothing that requires a gradient reaches the decision, or the pass has no
    /// trace.</exception>
    /// <exception cref="NotSupportedException">An attention that was asked for makes no values of some keys, so that nothing says how the
    /// decision would change with their weights.</exception>
    public static IReadOnlyList<AttentionGradient> Of(Pass pass, Tensor decision, Func<string, bool> asked)
    {
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(asked);
        if (pass.Trace is null)
            throw new InvalidOperationException("AttentionGradients: the pass has no trace, so its attentions gave no weights");
        var nodes = pass.Record.Where(n => n.Operation is AttendingOperation { Options: { Layer: { } layer, WithWeights: true } }
            && asked(layer)).ToArray();
        foreach (var node in nodes)
        {
            var (keys, values) = (node.Inputs[1].Shape[1], node.Inputs[2].Shape[1]);
            if (values != keys)
                throw new NotSupportedException(
                    $"AttentionGradients: {node.Operation.Name} of {Layer(node)} makes values of {values} of {keys} keys; the weights of the others have no gradient");
        }

        using var gradients = pass.Backward(decision, [.. nodes.Select(n => n.Outputs[0])]);
        var found = new List<AttentionGradient>();
        foreach (var node in nodes)
            if (gradients.TryGet(node.Outputs[0], out var gradient))
                found.Add(new AttentionGradient(Layer(node), node.Outputs[1].Copy(),
                    OfWeights(gradient, node.Inputs[2], node.Outputs[1].Shape)));
        return found;
    }

    /// <summary>All attentions of a recorded pass of one sample in the order they ran, with values and what their queries and keys
    /// are.</summary>
    /// <param name="pass">A recording pass with a trace; without dropout.</param>
    /// <param name="decision">A single number made in the pass, to give the gradients of; null for none.</param>
    /// <exception cref="NotSupportedException">Gradients were asked for, and an attention makes no values of some keys.</exception>
    internal static IReadOnlyList<RecordedAttention> Recorded(Pass pass, Tensor? decision)
    {
        var gradients = decision is null ? [] : Of(pass, decision, _ => true);
        var left = new Queue<AttentionGradient>(gradients);
        var nodes = pass.Record.Where(n => n.Operation is AttendingOperation { Options: { Layer: not null, WithWeights: true } }).ToArray();
        var entries = pass.Trace!.Entries;
        if (entries.Count != nodes.Length)
            throw new InvalidOperationException(
            $"AttentionGradients: {nodes.Length} attentions were recorded, the trace has {entries.Count}");
        var found = new List<RecordedAttention>();
        for (var i = 0; i < nodes.Length; i++)
        {
            // Those whose result does not reach the decision have no gradient; the others follow in the order they ran.
            var mine = left.Count > 0 && left.Peek().Layer == Layer(nodes[i])
                && left.Peek().Weights.Span.SequenceEqual(nodes[i].Outputs[1].Span) ? left.Dequeue() : null;
            found.Add(new RecordedAttention(entries[i].Key, entries[i].Value.Copy(), entries[i].QueryTokens, entries[i].KeyTokens)
            {
                Gradient = mine?.Gradient,
                Values = nodes[i].Inputs[2].Copy(),
            });
        }

        return found;
    }

    private static string Layer(Node node) => ((AttendingOperation)node.Operation).Options.Layer!;

    private static Tensor OfWeights(Tensor gradient, Tensor values, Shape weights)
    {
        var (batch, heads, queries, keys) = (weights[0], weights[1], weights[2], weights[3]);
        var width = values.Shape[2];
        var head = width / heads;
        var result = Tensor.Zeros(weights);
        for (var b = 0; b < batch; b++)
            for (var h = 0; h < heads; h++)
                for (var q = 0; q < queries; q++)
                {
                    var g = gradient.Span.Slice((b * queries + q) * width + h * head, head);
                    for (var k = 0; k < keys; k++)
                        result[b, h, q, k] = TensorPrimitives.Dot(g, values.Span.Slice((b * keys + k) * width + h * head, head));
                }

        return result;
    }
}
