using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Recording;

/// <summary>The gradients of one loss with respect to every parameter and input that asked for one.</summary>
/// <remarks>Reverse-mode differentiation: the record is walked from its end, each operation turning the gradient of its output into
/// those of its inputs. The walk's intermediate gradients are given back as soon as they are used.</remarks>
public sealed class Gradients : IDisposable
{
    private readonly TensorPool _pool;
    private readonly Dictionary<Tensor, Tensor> _gradients = new(ReferenceEqualityComparer.Instance);
    private readonly List<(Tensor Of, Tensor Gradient)> _received = [];

    internal Gradients(IReadOnlyList<Node> record, Tensor loss, TensorPool pool)
    {
        _pool = pool;
        var seed = new Tensor(pool.Rent(1), loss.Shape);
        seed.Span[0] = 1;
        _gradients[loss] = seed;
        for (var i = record.Count - 1; i >= 0; i--) Walk(record[i]);
        Separate();
    }

    /// <summary>Number of tensors that have a gradient.</summary>
    public int Count => _gradients.Count;

    /// <summary>The gradient of a parameter or input, in its shape.</summary>
    /// <exception cref="KeyNotFoundException">The tensor does not reach the loss.</exception>
    public Tensor this[Tensor of] => TryGet(of, out var gradient)
        ? gradient
        : throw new KeyNotFoundException($"Gradients: the tensor of shape {of.Shape} does not reach the loss, or asked for no gradient");

    /// <summary>The gradient of a parameter or input, if it reaches the loss.</summary>
    public bool TryGet(Tensor of, [NotNullWhen(true)] out Tensor? gradient) => _gradients.TryGetValue(of, out gradient);

    /// <summary>Adds the gradients of another loss to these.</summary>
    public void Add(Gradients other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (of, gradient) in other._gradients)
        {
            if (_gradients.TryGetValue(of, out var mine)) TensorPrimitives.Add(mine.Span, gradient.Span, mine.Span);
            else gradient.Span.CopyTo(Rent(of, gradient.Shape));
        }
    }

    /// <summary>Multiplies every gradient by a factor.</summary>
    public void Scale(float factor)
    {
        foreach (var gradient in _gradients.Values) TensorPrimitives.Multiply(gradient.Span, factor, gradient.Span);
    }

    /// <summary>The Euclidean norm over all gradients together, summed in double precision.</summary>
    public double Norm()
    {
        double sum = 0;
        foreach (var gradient in _gradients.Values) sum += SumOfSquares(gradient.Span);
        return Math.Sqrt(sum);
    }

    /// <summary>Gives the memory back to the pool.</summary>
    public void Dispose()
    {
        foreach (var gradient in _gradients.Values) gradient.Storage.Release();
        _gradients.Clear();
    }

    internal Tensor Pending(Tensor output) => _gradients[output];

    internal Span<float> Receive(Tensor input, Shape shape)
    {
        var gradient = new Tensor(_pool.Rent(shape.Length), shape);
        _received.Add((input, gradient));
        return gradient.Span;
    }

    internal void Share(Tensor input, Tensor gradient)
    {
        gradient.Storage.Retain();
        var shape = input.Shape.Length == gradient.Shape.Length ? input.Shape : gradient.Shape;
        _received.Add((input, gradient.View(shape)));
    }

    private void Walk(Node node)
    {
        if (!_gradients.ContainsKey(node.Outputs[0])) return;
        node.Operation.Backward(node, new BackwardStep(this, node));
        foreach (var (of, gradient) in _received) Accumulate(of, Unbroadcast(gradient, of.Shape));
        _received.Clear();
        if (_gradients.Remove(node.Outputs[0], out var used)) used.Storage.Release();
    }

    private void Accumulate(Tensor of, Tensor gradient)
    {
        if (!_gradients.TryGetValue(of, out var sum))
        {
            _gradients[of] = gradient;
            return;
        }

        if (sum.Storage.IsShared)
        {
            // Another tensor's gradient lives in the same memory: the sum needs memory of its own.
            var own = new Tensor(_pool.Rent(sum.Shape.Length), sum.Shape);
            TensorPrimitives.Add(sum.Span, gradient.Span, own.Span);
            sum.Storage.Release();
            _gradients[of] = own;
        }
        else
        {
            TensorPrimitives.Add(sum.Span, gradient.Span, sum.Span);
        }

        gradient.Storage.Release();
    }

    // Two parameters that are added have one gradient in one memory; before anybody changes it in place, each gets its own.
    private void Separate()
    {
        foreach (var of in _gradients.Keys)
        {
            ref var gradient = ref CollectionsMarshal.GetValueRefOrNullRef(_gradients, of);
            if (!gradient.Storage.IsShared) continue;
            var own = new Tensor(_pool.Rent(gradient.Shape.Length), gradient.Shape);
            gradient.Span.CopyTo(own.Span);
            gradient.Storage.Release();
            gradient = own;
        }
    }

    // Four double sums side by side, in an order that does not depend on the machine.
    private static double SumOfSquares(ReadOnlySpan<float> x)
    {
        var fours = MemoryMarshal.Cast<float, Vector128<float>>(x);
        var sums = Vector256<double>.Zero;
        foreach (var four in fours)
        {
            var (low, high) = Vector128.Widen(four);
            var wide = Vector256.Create(low, high);
            sums += wide * wide;
        }

        var sum = Vector256.Sum(sums);
        foreach (var rest in x[(fours.Length * Vector128<float>.Count)..]) sum += (double)rest * rest;
        return sum;
    }

    private Tensor Unbroadcast(Tensor gradient, Shape shape)
    {
        if (gradient.Shape == shape) return gradient;
        var sum = new Tensor(_pool.Rent(shape.Length), shape);
        BroadcastKernel.SumTo(gradient.Span, gradient.Shape.Sizes, sum.Span, shape.Sizes);
        gradient.Storage.Release();
        return sum;
    }

    private Span<float> Rent(Tensor of, Shape shape)
    {
        var gradient = new Tensor(_pool.Rent(shape.Length), shape);
        _gradients[of] = gradient;
        return gradient.Span;
    }
}
