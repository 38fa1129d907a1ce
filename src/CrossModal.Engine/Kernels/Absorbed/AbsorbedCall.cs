namespace CrossModal.Engine.Kernels;

// B batch, Nl queries, Nk keys, H heads, D width of a head, dk and dv widths of the tokens attended to.

/// <summary>The absorbed kernels for callers that hold spans: lengths are checked, memory is pinned for the call.</summary>
internal readonly ref struct AbsorbedCall
{
    /// <summary>B, Nl, Nk, H, D, D.</summary>
    public required AttentionShape Shape { get; init; }

    /// <summary>Key tokens [B, Nk, dk]; empty where they are packed.</summary>
    public ReadOnlySpan<float> X { get; init; }

    /// <summary>Key tokens in strips, as <see cref="Pack"/> writes them, or empty.</summary>
    public ReadOnlySpan<float> PackedX { get; init; }

    /// <summary>Absorbed queries, as <see cref="Project"/> writes them.</summary>
    public required ReadOnlySpan<float> Panels { get; init; }

    /// <summary>The value projection, or null where <see cref="V"/> was projected before.</summary>
    public AbsorbedValues? Values { get; init; }

    /// <summary>Value tokens [B, Nk, dv], where values are absorbed; empty, or the memory of <see cref="X"/>, where they are the key
    /// tokens.</summary>
    public ReadOnlySpan<float> Y { get; init; }

    /// <summary>Value tokens in strips, or empty; not needed where they are the key tokens.</summary>
    public ReadOnlySpan<float> PackedY { get; init; }

    /// <summary>Projected values, from the first on, <see cref="VRow"/> apart, where values are not absorbed.</summary>
    public ReadOnlySpan<float> V { get; init; }

    /// <summary>Numbers from one projected value to the next.</summary>
    public int VRow { get; init; }

    /// <summary>Added to the scores, or empty.</summary>
    public ReadOnlySpan<float> Mask { get; init; }

    /// <summary>Sizes of the mask.</summary>
    public MaskShape MaskShape { get; init; }

    /// <summary>Numbers that the absorbed queries take, <c>[B, …]</c>.</summary>
    public static int PanelsLength(int batch, int queries, int heads, int keyWidth) =>
        checked((int)(batch * AbsorbedKeys.PanelLength(queries, heads, keyWidth)));

    /// <summary>q [B, Nl, H D], rows qRow apart, becomes absorbed queries.</summary>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static unsafe void Project(AbsorbedKeys keys, int batch, int queries, ReadOnlySpan<float> q, int qRow, float scale,
        Span<float> panels, Workers workers)
    {
        Check("queries", q.Length, batch * queries, qRow, keys.Heads * keys.HeadDim);
        Check("panels", panels.Length, 1, 0, PanelsLength(batch, queries, keys.Heads, keys.KeyWidth));
        fixed (float* pq = q, ppanels = panels) keys.Project(batch, queries, pq, qRow, scale, ppanels, MatrixTile.IsWideFaster, workers);
    }

    /// <summary>Tokens [B, Nk, width] become strips of 16 columns.</summary>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public static unsafe void Pack(int batch, int keys, int width, ReadOnlySpan<float> tokens, Span<float> packed, Workers workers)
    {
        Check("tokens", tokens.Length, batch * keys, width, width);
        Check("packed", packed.Length, 1, 0, checked((int)AbsorbedAttention.PackedLength(batch, keys, width)));
        fixed (float* ptokens = tokens, ppacked = packed)
            AbsorbedAttention.PackTokens(batch, keys, width, ptokens, width, (nint)keys * width, ppacked, workers);
    }

    /// <summary>Softmax attention over all keys: output [B, Nl, H D]; weights [B, H, Nl, Nk], or empty.</summary>
    /// <param name="keyWidth">dk.</param>
    /// <param name="output">The result.</param>
    /// <param name="weights">The weights used, or empty.</param>
    /// <param name="workers">Threads.</param>
    /// <exception cref="ArgumentException">A span is too short, or operands contradict each other.</exception>
    public unsafe void Run(int keyWidth, Span<float> output, Span<float> weights, Workers workers)
    {
        var s = Shape;
        var tokens = s.Batch * s.Keys;
        var valueWidth = Values?.ValueWidth ?? 0;
        CheckTokens("x", X, PackedX, keyWidth);
        Check("panels", Panels.Length, 1, 0, PanelsLength(s.Batch, s.Queries, s.Heads, keyWidth));
        if (Values is null) Check("v", V.Length, tokens, VRow, s.Heads * s.HeadDim);
        else if (!Y.IsEmpty || !PackedY.IsEmpty) CheckTokens("y", Y, PackedY, valueWidth);
        else if (valueWidth != keyWidth) throw new ArgumentException("AbsorbedAttention: values need tokens");
        if (!Mask.IsEmpty) Check("mask", Mask.Length, MaskShape.Batch * MaskShape.Heads * MaskShape.Queries, s.Keys, s.Keys);
        Check("output", output.Length, s.Batch * s.Queries, s.Heads * s.HeadDim, s.Heads * s.HeadDim);
        if (!weights.IsEmpty) Check("weights", weights.Length, s.Batch * s.Heads * s.Queries, s.Keys, s.Keys);
        fixed (float* px = X, ppackedX = PackedX, ppanels = Panels, py = Y, ppackedY = PackedY, pv = V)
        fixed (float* pmask = Mask, poutput = output, pweights = weights)
        {
            var sameTokens = Y.IsEmpty && PackedY.IsEmpty;
            var operands = new AbsorbedOperands
            {
                Batch = s.Batch,
                Queries = s.Queries,
                Keys = s.Keys,
                Heads = s.Heads,
                HeadDim = s.HeadDim,
                KeyWidth = keyWidth,
                ValueWidth = valueWidth,
                X = px,
                PackedX = ppackedX,
                XRow = keyWidth,
                XBatch = (nint)s.Keys * keyWidth,
                Panels = ppanels,
                Values = Values,
                Y = sameTokens ? px : py,
                PackedY = ppackedY,
                YRow = valueWidth,
                YBatch = (nint)s.Keys * valueWidth,
                V = pv,
                VRow = VRow,
                VBatch = (nint)s.Keys * VRow,
                Mask = pmask,
                MaskShape = MaskShape,
                Output = poutput,
                Weights = pweights,
                IsWide = MatrixTile.IsWideFaster,
            };
            AbsorbedAttention.Run(operands, workers);
        }
    }

    private void CheckTokens(string name, ReadOnlySpan<float> tokens, ReadOnlySpan<float> packed, int width)
    {
        if (packed.IsEmpty) Check(name, tokens.Length, Shape.Batch * Shape.Keys, width, width);
        else Check(name, packed.Length, 1, 0, checked((int)AbsorbedAttention.PackedLength(Shape.Batch, Shape.Keys, width)));
    }

    private static void Check(string name, int length, int rows, int row, int width)
    {
        if (rows > 0 && (long)(rows - 1) * row + width > length)
            throw new ArgumentException(
                $"AbsorbedAttention: {name} has {length} elements, too few for {rows} rows of {width}, {row} apart");
    }
}
