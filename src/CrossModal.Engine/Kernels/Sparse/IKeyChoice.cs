namespace CrossModal.Engine.Kernels;

/// <summary>Which keys a query attends to: what differs between sparse attentions.</summary>
internal unsafe interface IKeyChoice
{
    /// <summary>Whether value n belongs to the n-th chosen key, and not to the key's place: the values were gathered before.</summary>
    static abstract bool ValuesGathered { get; }

    /// <summary>Called once, on the thread that starts the job: what all queries have in common.</summary>
    void Begin(in AttentionOperands o);

    /// <summary>Floats of scratch a thread needs.</summary>
    long Scratch(in AttentionShape shape);

    /// <summary>What a tile of up to 16 queries has in common, computed into the scratch.</summary>
    void Prepare(in AttentionOperands o, int batch, int head, int query, int queries, float* scratch);

    /// <summary>Writes the keys a query attends to, rising and each once, and returns how many; masked ones are left out
    /// afterwards.</summary>
    /// <param name="o">The operands.</param>
    /// <param name="batch">Batch element.</param>
    /// <param name="head">Head.</param>
    /// <param name="query">The query.</param>
    /// <param name="lane">Its place in the tile that was prepared.</param>
    /// <param name="keys">Room for all keys.</param>
    /// <param name="scratch">The scratch.</param>
    int Choose(in AttentionOperands o, int batch, int head, int query, int lane, int* keys, float* scratch);
}
