namespace CrossModal.Engine.Kernels;

/// <summary>Every key; a mask leaves out what is not to be attended to.</summary>
internal readonly unsafe struct AllKeys : IKeyChoice
{
    /// <inheritdoc/>
    public static bool ValuesGathered => false;

    /// <inheritdoc/>
    public void Begin(in AttentionOperands o)
    {
    }

    /// <inheritdoc/>
    public long Scratch(in AttentionShape shape) => 0;

    /// <inheritdoc/>
    public void Prepare(in AttentionOperands o, int batch, int head, int query, int queries, float* scratch)
    {
    }

    /// <inheritdoc/>
    public int Choose(in AttentionOperands o, int batch, int head, int query, int lane, int* keys, float* scratch)
    {
        for (var j = 0; j < o.Shape.Keys; j++) keys[j] = j;
        return o.Shape.Keys;
    }
}
