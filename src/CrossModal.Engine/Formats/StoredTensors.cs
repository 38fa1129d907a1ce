using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Formats;

/// <summary>Turns what a file holds into tensors and back.</summary>
internal static class StoredTensors
{
    /// <summary>A tensor of the stored numbers, rounded to single precision.</summary>
    public static Tensor ToTensor(this StoredArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        return Tensor.From(array.ToSingles(), Shape.Of(array.Shape));
    }

    /// <summary>A copy of a tensor's numbers for a file.</summary>
    public static StoredArray ToStored(this Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return StoredArray.From(tensor.Span, tensor.Shape.Sizes.ToArray());
    }
}
