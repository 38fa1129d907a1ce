namespace CrossModal.Engine.Kernels;

/// <summary>How much of all attention each key gets: the mean over heads and real queries of the softmax weights.</summary>
internal static unsafe class AttentionShares
{
    /// <summary>Writes the places of the <paramref name="keep"/> keys of each batch element that get most, rising; of equals the
    /// earlier.</summary>
    /// <param name="s">Sizes; the values' are not used.</param>
    /// <param name="operands">Queries, keys, mask.</param>
    /// <param name="queryMask">[B, Nq], -infinity where a query is padding and has no say; or empty.</param>
    /// <param name="words">Keys at the start that are always among them.</param>
    /// <param name="keep">How many, at most Nk.</param>
    /// <param name="ids">[B, keep].</param>
    /// <exception cref="ArgumentException">A length does not fit the shape.</exception>
    public static void Most(in AttentionShape s, in SparseInputs operands, ReadOnlySpan<float> queryMask, int words, int keep,
        Span<float> ids)
    {
        AttentionOperands.CheckDense("q", operands.Q.Length, (long)s.Batch * s.Queries, (long)s.Heads * s.HeadDim, false);
        AttentionOperands.CheckDense("k", operands.K.Length, (long)s.Batch * s.Keys, (long)s.Heads * s.HeadDim, false);
        AttentionOperands.CheckDense("queryMask", queryMask.Length, s.Batch, s.Queries, true);
        AttentionOperands.CheckDense("ids", ids.Length, s.Batch, keep, false);
        var room = ((long)s.Keys + 15) / 16 * 16;
        var shares = PackingBuffer.Rent(PackingBuffer.Summaries, ScoreRows.Scratch(s.HeadDim, s.Keys) + 3 * room);
        var heap = shares + room;
        var places = (int*)(heap + room);
        var scratch = heap + 2 * room;
        fixed (float* q = operands.Q, k = operands.K, mask = operands.Mask)
        {
            var o = new AttentionOperands
            {
                Shape = s,
                MaskShape = operands.MaskShape,
                Scale = operands.Scale,
                Q = q,
                K = k,
                Mask = mask,
                QRow = s.Heads * s.HeadDim,
                KRow = s.Heads * s.HeadDim,
            };
            for (var b = 0; b < s.Batch; b++)
            {
                new Span<float>(shares, s.Keys).Clear();
                for (var h = 0; h < s.Heads; h++)
                    for (var query = 0; query < s.Queries; query += AttentionTile.Queries)
                    {
                        var queries = Math.Min(AttentionTile.Queries, s.Queries - query);
                        var rows = ScoreRows.Compute(o, b, h, query, queries, scratch);
                        for (var lane = 0; lane < queries; lane++)
                        {
                            var row = rows + (nint)lane * s.Keys;
                            var highest = VectorRow.Max(row, s.Keys);
                            if (float.IsNegativeInfinity(highest)) continue;
                            if (!queryMask.IsEmpty && float.IsNegativeInfinity(queryMask[b * s.Queries + query + lane])) continue;
                            VectorRow.AddScaled(shares, row, s.Keys, 1 / VectorRow.ExpSum(row, row, s.Keys, highest));
                        }
                    }

                Hide(o, b, shares);
                new Span<float>(shares, words).Fill(float.PositiveInfinity);
                LargestValues.Places(shares, s.Keys, keep, heap, places);
                for (var n = 0; n < keep; n++) ids[b * keep + n] = places[n];
            }
        }
    }

    /// <summary>A key that no query of any head may attend to comes last, behind real ones that happen to get nothing.</summary>
    private static void Hide(in AttentionOperands o, int batch, float* shares)
    {
        if (o.Mask == null) return;
        for (var j = 0; j < o.Shape.Keys; j++)
        {
            var hidden = shares[j] == 0;
            for (var h = 0; h < o.MaskShape.Heads && hidden; h++)
                for (var i = 0; i < o.MaskShape.Queries && hidden; i++)
                    hidden = float.IsNegativeInfinity(o.Mask[o.MaskAt(batch, h, i) + j]);
            if (hidden) shares[j] = float.NegativeInfinity;
        }
    }
}
