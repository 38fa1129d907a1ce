using System.Collections;
using System.Runtime.CompilerServices;
using System.Text;

namespace CrossModal.Engine.Tensors;

/// <summary>The sizes of a tensor's axes, outermost first; immutable, and writable as a collection expression: <c>[B, N, d]</c>.</summary>
[CollectionBuilder(typeof(Shape), nameof(Of))]
public readonly struct Shape : IEquatable<Shape>, IEnumerable<int>
{
    private readonly int[]? _sizes;

    private Shape(int[] sizes)
    {
        long length = 1;
        foreach (var size in sizes)
        {
            if (size < 0) throw new ShapeException("Shape", $"negative size in [{string.Join(',', sizes)}]");
            length *= size;
            if (length > Array.MaxLength) throw new ShapeException("Shape", $"[{string.Join(',', sizes)}] has too many elements");
        }

        _sizes = sizes;
        Length = (int)length;
    }

    /// <summary>Makes a shape of the given sizes.</summary>
    /// <param name="sizes">Sizes of the axes, outermost first; none for a scalar.</param>
    /// <exception cref="ShapeException">A size is negative, or the element count does not fit an array.</exception>
    public static Shape Of(params ReadOnlySpan<int> sizes) => new(sizes.ToArray());

    /// <summary>The shape of a single number: no axes, one element.</summary>
    public static Shape Scalar { get; } = new([]);

    /// <summary>Number of axes.</summary>
    public int Rank => Sizes.Length;

    /// <summary>Number of elements.</summary>
    public int Length { get; }

    /// <summary>The sizes, outermost first.</summary>
    public ReadOnlySpan<int> Sizes => _sizes;

    /// <summary>Size of an axis; a negative axis counts from the last (−1).</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int this[int axis] => Sizes[Axis(axis, "Shape")];

    /// <summary>Turns an axis that may be negative into 0 … Rank − 1.</summary>
    /// <param name="axis">Axis, −1 being the last.</param>
    /// <param name="operation">Who asks, for the error.</param>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int Axis(int axis, string operation)
    {
        var index = axis < 0 ? axis + Rank : axis;
        return (uint)index < (uint)Rank ? index : throw new ShapeException(operation, $"axis {axis} does not exist in {this}");
    }

    /// <summary>This shape with one axis given another size.</summary>
    public Shape With(int axis, int size)
    {
        var sizes = Sizes.ToArray();
        sizes[Axis(axis, "Shape")] = size;
        return new Shape(sizes);
    }

    /// <summary>Product of the sizes of axes <paramref name="from"/> up to, not including, <paramref name="to"/>.</summary>
    public int Product(int from, int to)
    {
        var product = 1;
        for (var i = from; i < to; i++) product *= Sizes[i];
        return product;
    }

    /// <summary>The common shape of two operands: axes align at the last; a size of 1 stretches (NumPy's rule).</summary>
    /// <exception cref="ShapeException">Two sizes differ and neither is 1.</exception>
    public static Shape Broadcast(Shape a, Shape b, string operation)
    {
        var sizes = new int[Math.Max(a.Rank, b.Rank)];
        for (var i = 1; i <= sizes.Length; i++)
        {
            var x = i <= a.Rank ? a[-i] : 1;
            var y = i <= b.Rank ? b[-i] : 1;
            if (x != y && x != 1 && y != 1) throw new ShapeException(operation, $"{a} and {b} do not broadcast: {x} against {y}");
            sizes[^i] = x == 1 ? y : x;
        }

        return new Shape(sizes);
    }

    /// <inheritdoc/>
    public bool Equals(Shape other) => Sizes.SequenceEqual(other.Sizes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var size in Sizes) hash.Add(size);
        return hash.ToHashCode();
    }

    /// <summary>Whether two shapes have the same sizes.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The shape as <c>[2,3,4]</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < Rank; i++)
        {
            if (i > 0) text.Append(',');
            text.Append(Sizes[i]);
        }

        return text.Append(']').ToString();
    }

    /// <summary>The sizes one by one.</summary>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)(_sizes ?? [])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
