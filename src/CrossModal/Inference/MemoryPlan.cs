using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>Gives every value of a stage its place in one block of memory; values that are never needed at the same time share
/// places.</summary>
/// <remarks>Largest first, each at the lowest place free for its whole life (Pisarchyk and Lee 2020, "Efficient Memory Management for Deep
/// Neural Net Inference", greedy by size). What a later stage or the caller reads is never overwritten.</remarks>
internal static class MemoryPlan
{
    private const int Alignment = 64 / sizeof(float);

    /// <summary>Assigns memory to everything the steps of one stage write.</summary>
    /// <param name="steps">The stage's steps, in order.</param>
    /// <param name="kept">Whether a value is needed after the stage.</param>
    /// <returns>Bytes of the block.</returns>
    public static long Assign(IReadOnlyList<Step> steps, Func<Value, bool> kept)
    {
        var lives = Lives(steps, kept);
        var placed = new List<Life>();
        long length = 0;
        foreach (var life in lives.OrderByDescending(l => l.Length).ThenBy(l => l.First))
        {
            life.Offset = Lowest(life, placed);
            placed.Add(life);
            length = Math.Max(length, life.Offset + life.Length);
        }

        if (length + Alignment > Array.MaxLength)
            throw new ShapeException("InferenceSession", $"a plan of {length} numbers does not fit an array");
        var block = GC.AllocateUninitializedArray<float>((int)length + Alignment, pinned: true);

        // A read of what was never written shows at once.
        Array.Fill(block, float.NaN);
        var start = TensorPool.AlignedStart(block);
        foreach (var life in placed) life.Value.Memory = new Tensor(new Storage(block, start + (int)life.Offset, null), life.Value.Shape);
        return length * sizeof(float);
    }

    private static List<Life> Lives(IReadOnlyList<Step> steps, Func<Value, bool> kept)
    {
        var lives = new Dictionary<Value, Life>();
        for (var i = 0; i < steps.Count; i++)
        {
            foreach (var value in steps[i].Writes) lives.Add(value, new Life(value, i) { Last = kept(value) ? steps.Count : i });
            foreach (var value in steps[i].Reads)
                if (lives.TryGetValue(value.Root, out var life)) life.Last = Math.Max(life.Last, i);
        }

        return [.. lives.Values];
    }

    private static long Lowest(Life life, List<Life> placed)
    {
        long offset = 0;
        foreach (var other in placed.Where(life.Overlaps).OrderBy(other => other.Offset))
        {
            if (offset + life.Length <= other.Offset) break;
            offset = Math.Max(offset, other.Offset + other.Length);
        }

        return offset;
    }

    /// <summary>From which step to which a value is needed.</summary>
    private sealed class Life(Value value, int first)
    {
        public Value Value => value;

        public int First => first;

        public int Last { get; set; }

        public long Offset { get; set; }

        public long Length { get; } = (value.Shape.Length + Alignment - 1L) / Alignment * Alignment;

        public bool Overlaps(Life other) => First <= other.Last && other.First <= Last;
    }
}
