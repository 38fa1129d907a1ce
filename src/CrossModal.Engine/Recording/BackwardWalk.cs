using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Recording;

/// <summary>Reverse-mode differentiation: the record is walked from its end, each operation turning the gradient of its output into those
/// of its inputs.</summary>
/// <remarks>Which node feeds which gradient is worked out once; walking again, after the record was replayed, allocates nothing.</remarks>
internal sealed class BackwardWalk : IDisposable
{
    private readonly GradientMemory _memory;
    private readonly List<Step> _steps = [];
    private readonly List<Received> _received = [];
    private readonly Dictionary<Tensor, GradientSlot> _between = new(ReferenceEqualityComparer.Instance);
    private readonly GradientSlot _loss;

    /// <summary>Works out the way.</summary>
    /// <param name="record">What was recorded.</param>
    /// <param name="loss">Where to begin.</param>
    /// <param name="into">Where gradients are kept.</param>
    /// <param name="pool">Where memory is borrowed.</param>
    /// <param name="kept">Tensors between whose gradients are kept as well; such a walk runs once.</param>
    public BackwardWalk(IReadOnlyList<Node> record, Tensor loss, Gradients into, TensorPool pool, IReadOnlyCollection<Tensor>? kept = null)
    {
        (Loss, Into, Length) = (loss, into, record.Count);
        _memory = new GradientMemory(pool);
        foreach (var node in record) _between.TryAdd(node.Outputs[0], new GradientSlot(node.Outputs[0], null));
        foreach (var tensor in kept ?? []) _between.Remove(tensor);
        var differentiated = into.IsSelective ? Reaching(record) : null;
        if (!IsDifferentiated(loss))
            throw new InvalidOperationException("Backward: no tensor whose gradient is collected reaches this loss");
        var reached = new HashSet<Tensor>(ReferenceEqualityComparer.Instance) { loss };
        _loss = Slot(loss);
        for (var i = record.Count - 1; i >= 0; i--)
        {
            var node = record[i];
            if (!reached.Contains(node.Outputs[0])) continue;
            var inputs = new GradientSlot?[node.Inputs.Count];
            for (var j = 0; j < inputs.Length; j++)
            {
                if (!IsDifferentiated(node.Inputs[j])) continue;
                inputs[j] = Slot(node.Inputs[j]);
                reached.Add(node.Inputs[j]);
            }

            _steps.Add(new Step(node, Slot(node.Outputs[0]), inputs));
        }

        bool IsDifferentiated(Tensor tensor) =>
            tensor.RequiresGradient && (differentiated is null || differentiated.Contains(tensor) || IsCollected(tensor));
    }

    public Tensor Loss { get; }

    public Gradients Into { get; }

    /// <summary>How many nodes the record had.</summary>
    public int Length { get; }

    /// <summary>Adds the gradients of <paramref name="factor"/> times the loss to those collected so far.</summary>
    public void Run(float factor)
    {
        Start(factor);
        foreach (ref readonly var step in CollectionsMarshal.AsSpan(_steps))
            if (step.Output.IsFilled) Walk(step);
    }

    /// <summary>Memory for one contribution, in any shape that sums to the slot's; it is added when the operation is done.</summary>
    public Span<float> Receive(GradientSlot slot, Shape shape)
    {
        if (!slot.IsFilled && shape == slot.Of.Shape) return Write(slot, out _);
        var block = _memory.Rent(shape.Length);
        _received.Add(new Received(slot, block, shape));
        return block.Span;
    }

    /// <summary>The memory of the sum itself: to be added to, or overwritten when this is the first contribution.</summary>
    public Span<float> Write(GradientSlot slot, out bool accumulate)
    {
        accumulate = slot.IsFilled;
        if (!slot.IsFilled)
        {
            if (!slot.IsKept) slot.Block = _memory.Rent(slot.Of.Shape.Length);
            slot.IsFilled = true;
        }
        else if (slot.Block!.Holders > 1)
        {
            // Another tensor's gradient lives in the same memory: the sum needs memory of its own.
            var own = _memory.Rent(slot.Block.Length);
            slot.Block.Span.CopyTo(own.Span);
            _memory.Release(slot.Block);
            slot.Block = own;
        }

        return slot.Span;
    }

    /// <summary>The gradient of an output is that of an input, too.</summary>
    public void Share(GradientSlot slot, GradientSlot output)
    {
        if (slot.IsFilled || slot.IsKept || slot.Of.Shape.Length != output.Of.Shape.Length)
        {
            Sum(output.Span, output.Of.Shape, slot);
            return;
        }

        slot.Block = output.Block;
        slot.Block!.Holders++;
        slot.IsFilled = true;
    }

    public void Dispose() => _memory.Dispose();

    private void Start(float factor)
    {
        _received.Clear();
        foreach (var slot in _between.Values) slot.IsFilled = false;
        _memory.Reset();
        var seed = Write(_loss, out var accumulate);
        seed[0] = accumulate ? seed[0] + factor : factor;
    }

    private void Walk(in Step step)
    {
        step.Node.Operation.Backward(step.Node, new BackwardStep(this, step));
        foreach (ref readonly var received in CollectionsMarshal.AsSpan(_received))
        {
            Sum(received.Block.Span, received.Shape, received.Slot);
            _memory.Release(received.Block);
        }

        _received.Clear();
        if (step.Output.IsKept) return;
        _memory.Release(step.Output.Block!);
        step.Output.IsFilled = false;
    }

    private void Sum(ReadOnlySpan<float> values, Shape shape, GradientSlot slot)
    {
        var sum = Write(slot, out var accumulate);
        if (values.Length != sum.Length) BroadcastKernel.SumTo(values, shape.Sizes, sum, slot.Of.Shape.Sizes, accumulate);
        else if (accumulate) TensorPrimitives.Add(sum, values, sum);
        else values.CopyTo(sum);
    }

    /// <summary>The outputs that depend on a tensor whose gradient is collected.</summary>
    private HashSet<Tensor> Reaching(IReadOnlyList<Node> record)
    {
        var reaching = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        foreach (var node in record)
            if (node.Inputs.Any(input => reaching.Contains(input) || IsCollected(input))) reaching.Add(node.Outputs[0]);
        return reaching;
    }

    private bool IsCollected(Tensor tensor) => tensor.RequiresGradient && !_between.ContainsKey(tensor) && Into.Collects(tensor);

    private GradientSlot Slot(Tensor of) => _between.TryGetValue(of, out var slot) ? slot : Into.Slot(of);

    /// <summary>A node with the slots of its output and of those inputs that want a gradient.</summary>
    internal readonly record struct Step(Node Node, GradientSlot Output, GradientSlot?[] Inputs);

    private readonly record struct Received(GradientSlot Slot, GradientBlock Block, Shape Shape);
}
