using CrossModal.Engine.Ops;

namespace CrossModal.Onnx;

/// <summary>Matrix products.</summary>
internal static class MatrixMappings
{
    /// <summary>x Wᵀ + b: MatMul by the transposed weight, and Add.</summary>
    public static string[] Linear(RecordedCall call)
    {
        var product = call.Graph.Add("MatMul", call.Input(0), call.Transposed(1));
        return [call.Inputs < 3 ? product : call.Graph.Add("Add", product, call.Input(2))];
    }

    /// <summary>MatMul, after a Transpose of what is read transposed.</summary>
    public static string[] MatMul(RecordedCall call)
    {
        var (a, b) = (call.InputShape(0), call.InputShape(1));
        var (transposeA, transposeB) = call.Same<MatMulOp, (bool, bool)>(o => (o.TransposeA, o.TransposeB));
        var product = call.Graph.Add("MatMul", Operand(call, 0, transposeA), Operand(call, 1, transposeB));

        // A batch of one is shared whatever its axes; ONNX keeps the axes of the longer shape, which may be too many.
        var axes = Math.Max(a.Length, b.Length);
        return [axes == call.OutputShape().Length ? product : ShapeMappings.Reshape(call.Graph, product, [], call.OutputShape())];
    }

    private static string Operand(RecordedCall call, int input, bool transposed)
    {
        var rank = call.InputShape(input).Length;
        if (!transposed) return call.Input(input);
        var order = Enumerable.Range(0, rank).Select(axis => (long)axis).ToArray();
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return call.Graph.Add("Transpose", [("perm", order)], call.Input(input));
    }
}
