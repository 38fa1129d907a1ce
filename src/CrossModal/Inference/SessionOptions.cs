using CrossModal.Engine.Kernels;

namespace CrossModal.Inference;

/// <summary>Whether the projections of the tokens attended to are absorbed into the few queries.</summary>
public enum Absorption
{
    /// <summary>Per layer and per shape, whatever the cost model expects to be faster.</summary>
    Auto,

    /// <summary>Wherever it is possible.</summary>
    Always,

    /// <summary>Nowhere: keys and values are projected as the layer was written.</summary>
    Never,
}

/// <summary>How a session is compiled.</summary>
public sealed record SessionOptions
{
    /// <summary>The threads a frame may use; all cores when null, <see cref="Workers.Single"/> for one.</summary>
    public Workers? Workers { get; init; }

    /// <summary>Whether projections are absorbed.</summary>
    public Absorption Absorption { get; init; } = Absorption.Auto;

    /// <summary>Whether many frames follow one instruction. If not, what depends on the instruction counts as part of every frame when the
    /// cost model chooses; the results are the same.</summary>
    public bool InstructionStays { get; init; } = true;

    /// <summary>One association wherever it is possible, so that each can be timed beside what the cost model predicts; null leaves the
    /// choice to <see cref="Absorption"/>.</summary>
    internal Association? Association { get; init; }
}
