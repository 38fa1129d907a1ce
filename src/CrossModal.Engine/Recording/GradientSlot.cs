using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Recording;

/// <summary>Where the gradient of one tensor is summed up during a backward walk.</summary>
/// <param name="of">The tensor.</param>
/// <param name="kept">Memory that stays after the walk, for parameters and inputs; null for tensors between.</param>
internal sealed class GradientSlot(Tensor of, GradientBlock? kept)
{
    public Tensor Of => of;

    /// <summary>Whether the gradient stays after the walk.</summary>
    public bool IsKept => Value is not null;

    /// <summary>The gradient of a kept slot as a tensor of the parameter's shape.</summary>
    public Tensor? Value { get; } = kept is null ? null : new Tensor(kept.Storage, of.Shape);

    /// <summary>The memory of the sum so far; of no meaning unless <see cref="IsFilled"/>.</summary>
    public GradientBlock? Block { get; set; } = kept;

    /// <summary>Whether something has been summed up.</summary>
    public bool IsFilled { get; set; }

    /// <summary>The sum of the squares, on its way into a norm.</summary>
    public double Squares { get; set; }

    public Span<float> Span => Block!.Storage.Array.AsSpan(Block.Storage.Offset, of.Shape.Length);
}

/// <summary>Memory of a gradient; tensors that were added have one gradient and hold one block together.</summary>
internal sealed class GradientBlock(Storage storage, int length)
{
    public Storage Storage => storage;

    public int Length => length;

    public int Holders { get; set; } = 1;

    public Span<float> Span => storage.Array.AsSpan(storage.Offset, length);
}
