using CrossModal.Engine.Ops;

namespace CrossModal.Onnx;

/// <summary>What mappings of attention have in common: heads apart and together again, scores, the mask, the result.</summary>
internal sealed class AttentionParts
{
    private static readonly long[] Exchange = [0, 2, 1, 3];

    private readonly RecordedCall _call;
    private readonly GraphBuilder _graph;
    private readonly string? _mask;

    /// <summary>Reads a recorded attention.</summary>
    public AttentionParts(RecordedCall call)
    {
        (_call, _graph) = (call, call.Graph);
        var operation = (AttendingOperation)call.Operation;
        (Heads, HeadWidth, ValueWidth) = (operation.Heads, Width(0) / operation.Heads, Width(2) / operation.Heads);
        Scale = operation.Options.Scale ?? 1 / MathF.Sqrt(HeadWidth);
        _mask = call.Inputs > operation.MaskAt ? call.Input(operation.MaskAt) : null;
        (Queries, Keys) = (call.InputShape(0)[1], call.InputShape(1)[1]);
    }

    /// <summary>Number of heads H.</summary>
    public int Heads { get; }

    /// <summary>Width D of a head.</summary>
    public int HeadWidth { get; }

    /// <summary>Width Dv of the values of a head.</summary>
    public int ValueWidth { get; }

    /// <summary>What scores are multiplied by.</summary>
    public float Scale { get; }

    /// <summary>Number of queries Nq.</summary>
    public Dim Queries { get; }

    /// <summary>Number of keys Nk.</summary>
    public Dim Keys { get; }

    /// <summary>What is added to the scores, <c>[B or 1, H or 1, Nq or 1, Nk]</c>; null for no mask.</summary>
    public string? Mask => _mask;

    /// <summary>Heads apart: <c>[B, N, H·D] → [B, H, N, D]</c>.</summary>
    /// <param name="tokens">Tokens.</param>
    /// <param name="width">D.</param>
    public string Split(string tokens, int width) =>
        _graph.Add("Transpose", [("perm", Exchange)], _graph.Add("Reshape", tokens, _graph.Wholes(0, 0, Heads, width)));

    /// <summary>Heads apart, and the last two axes exchanged: <c>[B, N, H·D] → [B, H, D, N]</c>.</summary>
    public string SplitTransposed(string tokens, int width) =>
        _graph.Add("Transpose", [("perm", new long[] { 0, 2, 3, 1 })], _graph.Add("Reshape", tokens, _graph.Wholes(0, 0, Heads, width)));

    /// <summary>Heads together: <c>[B, H, Nq, Dv] → [B, Nq, H·Dv]</c>.</summary>
    public string Merge(string heads) =>
        _graph.Add("Reshape", _graph.Add("Transpose", [("perm", Exchange)], heads), _graph.Wholes(0, 0, Heads * ValueWidth));

    /// <summary>Scores of keys <c>[B, H, D, Nk]</c> without the mask: <c>[B, H, Nq, Nk]</c>.</summary>
    public string ScoresOf(string keysTransposed)
    {
        var query = Split(_call.Input(0), HeadWidth);
        var scaled = Scale == 1 ? query : _graph.Add("Mul", query, _graph.Number(Scale));
        return _graph.Add("MatMul", scaled, keysTransposed);
    }

    /// <summary>Scores of all keys with the mask: <c>[B, H, Nq, Nk]</c>.</summary>
    public string Scores() => Masked(ScoresOf(SplitTransposed(_call.Input(1), HeadWidth)));

    /// <summary>Scores with the mask added.</summary>
    public string Masked(string scores) => _mask is null ? scores : _graph.Add("Add", scores, _mask);

    /// <summary>Scores of what may be attended, −∞ for the rest.</summary>
    /// <param name="allowed">Truth values that broadcast to the scores.</param>
    /// <param name="scores">Scores.</param>
    public string Only(string allowed, string scores) => _graph.Add("Where", allowed, scores, _graph.Number(float.NegativeInfinity));

    /// <summary>Softmax of scores; a row of −∞, possible with a mask or a choice of keys, gives zeros.</summary>
    public string Weights(string scores, bool mayBeEmpty) =>
        mayBeEmpty ? NormalizationMappings.Softmax(_graph, scores) : _graph.Add("Softmax", [("axis", -1L)], scores);

    /// <summary>The outputs of the operation: weights times values, and the weights.</summary>
    /// <param name="weights"><c>[B, H, Nq, Nk]</c>.</param>
    /// <param name="values"><c>[B, Nk, H·Dv]</c>; the third input when null.</param>
    public string[] Result(string weights, string? values = null) =>
        [Merge(_graph.Add("MatMul", weights, Split(values ?? _call.Input(2), ValueWidth))), weights];

    private int Width(int input) => RecordedCall.Fixed(_call.InputShape(input)[2], _call.Operation.Name);
}
