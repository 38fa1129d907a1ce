using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Recording;

/// <summary>The gradients of a loss, or of several summed up, with respect to every parameter and input that asked for one.</summary>
/// <remarks>Memory stays from one loss to the next: <see cref="Clear"/> forgets the numbers, <see cref="Dispose"/> gives the memory
/// back.</remarks>
public sealed class Gradients : IDisposable
{
    private readonly TensorPool _pool;
    private readonly HashSet<Tensor>? _of;
    private readonly Dictionary<Tensor, GradientSlot> _slots = new(ReferenceEqualityComparer.Instance);

    // In the order in which the first walk met them: sums over all gradients are taken in this order.
    private readonly List<GradientSlot> _order = [];

    /// <summary>Makes an empty collection.</summary>
    /// <param name="pool">Where memory is borrowed; the shared pool when null.</param>
    /// <param name="of">The tensors whose gradients are collected: the norm is over theirs alone, and what leads only to others is not
    /// computed; null for everything that asks for a gradient.</param>
    public Gradients(TensorPool? pool = null, IEnumerable<Tensor>? of = null)
    {
        _pool = pool ?? TensorPool.Shared;
        _of = of is null ? null : new HashSet<Tensor>(of, ReferenceEqualityComparer.Instance);
    }

    /// <summary>Whether only the gradients of given tensors are collected.</summary>
    internal bool IsSelective => _of is not null;

    /// <summary>Whether the gradient of a parameter or input is collected, if it asks for one.</summary>
    internal bool Collects(Tensor of) => _of?.Contains(of) ?? true;

    /// <summary>Number of tensors that have a gradient.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var slot in _order) count += slot.IsFilled ? 1 : 0;
            return count;
        }
    }

    /// <summary>The gradient of a parameter or input, in its shape.</summary>
    /// <exception cref="KeyNotFoundException">The tensor does not reach the loss.</exception>
    public Tensor this[Tensor of] => TryGet(of, out var gradient)
        ? gradient
        : throw new KeyNotFoundException($"Gradients: the tensor of shape {of.Shape} does not reach the loss, or asked for no gradient");

    /// <summary>The gradient of a parameter or input, if it reaches the loss.</summary>
    public bool TryGet(Tensor of, [NotNullWhen(true)] out Tensor? gradient)
    {
        gradient = _slots.TryGetValue(of, out var slot) && slot.IsFilled ? slot.Value : null;
        return gradient is not null;
    }

    /// <summary>Adds the gradients of another loss to these.</summary>
    public void Add(Gradients other) => Add(other, Workers.Single);

    /// <summary>Multiplies every gradient by a factor.</summary>
    public void Scale(float factor)
    {
        foreach (var slot in _order)
            if (slot.IsFilled) TensorPrimitives.Multiply(slot.Span, factor, slot.Span);
    }

    /// <summary>The Euclidean norm over all gradients together, summed in double precision.</summary>
    public double Norm() => Norm(Workers.Single);

    /// <summary>Adds the gradients of another loss, tensor by tensor on several threads; any number gives the same bits.</summary>
    internal void Add(Gradients other, Workers workers)
    {
        ArgumentNullException.ThrowIfNull(other);

        // A tensor that is new here gets its place first, in their order.
        foreach (var theirs in other._order)
            if (theirs.IsFilled) Slot(theirs.Of);
        var job = new AddJob(this, other);
        workers.Run(other._order.Count, ref job);
    }

    /// <summary>The norm, each tensor's part of it computed by one of several threads; any number gives the same bits.</summary>
    internal double Norm(Workers workers)
    {
        var job = new SquaresJob(_order);
        workers.Run(_order.Count, ref job);
        double sum = 0;
        foreach (var slot in _order)
            if (slot.IsFilled) sum += slot.Squares;
        return Math.Sqrt(sum);
    }

    /// <summary>The tensors that have a gradient, in the order in which sums over all gradients are taken.</summary>
    internal IEnumerable<Tensor> Filled => _order.Where(slot => slot.IsFilled).Select(slot => slot.Of);

    /// <summary>Forgets all gradients and keeps their memory for the next.</summary>
    public void Clear()
    {
        foreach (var slot in _order) slot.IsFilled = false;
    }

    /// <summary>Gives the memory back to the pool.</summary>
    public void Dispose()
    {
        foreach (var slot in _order) slot.Block!.Storage.Release();
        _order.Clear();
        _slots.Clear();
    }

    internal GradientSlot Slot(Tensor of)
    {
        if (_slots.TryGetValue(of, out var slot)) return slot;
        slot = new GradientSlot(of, new GradientBlock(_pool.Rent(of.Shape.Length), of.Shape.Length));
        _slots.Add(of, slot);
        _order.Add(slot);
        return slot;
    }

    // Four double sums side by side, in an order that does not depend on the machine.
    internal static double SumOfSquares(ReadOnlySpan<float> x)
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

    private readonly struct AddJob(Gradients sum, Gradients other) : IWorkBody
    {
        public void Execute(int part)
        {
            var theirs = other._order[part];
            if (!theirs.IsFilled) return;
            var mine = sum._slots[theirs.Of];
            if (mine.IsFilled) TensorPrimitives.Add(mine.Span, theirs.Span, mine.Span);
            else theirs.Span.CopyTo(mine.Span);
            mine.IsFilled = true;
        }
    }

    private readonly struct SquaresJob(List<GradientSlot> slots) : IWorkBody
    {
        public void Execute(int part)
        {
            if (slots[part].IsFilled) slots[part].Squares = SumOfSquares(slots[part].Span);
        }
    }
}
