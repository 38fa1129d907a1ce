using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace CrossModal.Engine.Tensors;

/// <summary>A dense row-major array of float32 numbers.</summary>
/// <remarks>
/// A tensor made by an operation belongs to the pass it was made in, and its memory returns to the pool when the pass ends. A tensor made
/// by <see cref="From(float[], Shape)"/> and its relatives belongs to nobody and lives as long as it is referenced. Whole numbers (token
/// ids, class targets) are held as float32, exact up to 2²⁴.
/// </remarks>
public sealed class Tensor
{
    internal Tensor(Storage storage, Shape shape, bool requiresGradient = false)
    {
        Storage = storage;
        Shape = shape;
        RequiresGradient = requiresGradient;
    }

    internal Storage Storage { get; }

    /// <summary>Sizes of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>Whether gradients flow to this tensor: it is a parameter, or was computed from one while recording. Set before the
    /// pass.</summary>
    public bool RequiresGradient { get; set; }

    /// <summary>The elements, row-major, without copying.</summary>
    /// <exception cref="ObjectDisposedException">The pass this tensor belongs to has ended.</exception>
    public Span<float> Span => Storage.Array.AsSpan(Storage.Offset, Shape.Length);

    /// <summary>The elements as System.Numerics.Tensors sees them, without copying.</summary>
    public TensorSpan<float> AsTensorSpan()
    {
        Span<nint> sizes = stackalloc nint[Shape.Rank];
        for (var i = 0; i < sizes.Length; i++) sizes[i] = Shape[i];
        return new TensorSpan<float>(Span, sizes, default);
    }

    /// <summary>Wraps an array without copying: writes to either are seen by both.</summary>
    /// <exception cref="ShapeException">The array's length is not that of the shape.</exception>
    public static Tensor From(float[] values, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values.Length == shape.Length
            ? new Tensor(new Storage(values, 0, null), shape)
            : throw new ShapeException("Tensor", $"{values.Length} values do not fill {shape}");
    }

    /// <summary>Copies values of System.Numerics.Tensors into a new tensor of the same shape.</summary>
    public static Tensor From(ReadOnlyTensorSpan<float> values)
    {
        Span<int> sizes = stackalloc int[values.Rank];
        for (var i = 0; i < sizes.Length; i++) sizes[i] = checked((int)values.Lengths[i]);
        var tensor = Zeros(Shape.Of(sizes));
        values.FlattenTo(tensor.Span);
        return tensor;
    }

    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(Shape shape) => new(new Storage(new float[shape.Length], 0, null), shape);

    /// <summary>A tensor filled with one value.</summary>
    public static Tensor Full(Shape shape, float value)
    {
        var tensor = Zeros(shape);
        tensor.Span.Fill(value);
        return tensor;
    }

    /// <summary>A tensor of one number, shape <c>[]</c>.</summary>
    public static Tensor Scalar(float value) => From([value], Shape.Scalar);

    /// <summary>Normally distributed numbers.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="random">Source of randomness.</param>
    /// <param name="deviation">Standard deviation; the mean is 0.</param>
    public static Tensor Normal(Shape shape, RandomSource random, float deviation = 1)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (random == RandomSource.None) return Promised(shape);
        var tensor = Zeros(shape);
        foreach (ref var x in tensor.Span) x = deviation * random.NextGaussian();
        return tensor;
    }

    /// <summary>Evenly distributed numbers in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public static Tensor Uniform(Shape shape, RandomSource random, float low, float high)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (random == RandomSource.None) return Promised(shape);
        var tensor = Zeros(shape);
        foreach (ref var x in tensor.Span) x = low + (high - low) * random.NextSingle();
        return tensor;
    }

    /// <summary>The only element.</summary>
    /// <exception cref="ShapeException">There is not exactly one.</exception>
    public float Item() => Shape.Length == 1 ? Span[0] : throw new ShapeException("Item", $"{Shape} does not have exactly one element");

    /// <summary>One element.</summary>
    /// <param name="indices">One index per axis.</param>
    /// <exception cref="ShapeException">The number of indices is not the rank, or an index is outside its axis.</exception>
    [IndexerName("Element")]
    public ref float this[params ReadOnlySpan<int> indices]
    {
        get
        {
            var offset = indices.Length == Shape.Rank ? 0 : -1;
            for (var i = 0; i < indices.Length && offset >= 0; i++)
                offset = (uint)indices[i] < (uint)Shape[i] ? offset * Shape[i] + indices[i] : -1;
            if (offset < 0) throw new ShapeException("Tensor", $"index [{string.Join(',', indices.ToArray())}] is outside {Shape}");
            return ref Span[offset];
        }
    }

    /// <summary>The elements in a new array.</summary>
    public float[] ToArray() => Span.ToArray();

    /// <summary>A copy that belongs to no pass and has no history.</summary>
    public Tensor Copy() => From(ToArray(), Shape);

    /// <summary>Takes an array's values: the array itself while nobody has looked at this tensor's memory yet, a copy of it otherwise.
    /// The caller must not use the array afterwards.</summary>
    internal void Adopt(float[] values)
    {
        if (!Storage.TryAdopt(values)) values.CopyTo(Span);
    }

    /// <summary>The same memory under another shape; has no history.</summary>
    /// <exception cref="ShapeException">The element counts differ.</exception>
    internal Tensor View(Shape shape) => shape.Length == Shape.Length
        ? new Tensor(Storage, shape)
        : throw new ShapeException("Reshape", $"{Shape} has {Shape.Length} elements, {shape} has {shape.Length}");

    private static Tensor Promised(Shape shape) => new(Storage.Promised(shape.Length), shape);

    /// <summary>Shape and, for few elements, values.</summary>
    public override string ToString() => Shape.Length <= 16
        ? $"{Shape} {{{string.Join(", ", ToArray())}}}"
        : $"{Shape}";
}
