using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Recording;

/// <summary>One forward pass: its mode, its source of randomness, its optional trace, its memory and, when wanted, its record.</summary>
/// <remarks>
/// Operations are applied through the pass: <c>pass.MatMul(a, b)</c>. Training and recording passes append every application to
/// <see cref="Record"/>; evaluation passes keep none. Tensors made in a pass live until it is disposed. A pass serves one thread.
/// Where shapes stay the same, one record serves many steps: write new numbers into the inputs, <see cref="Replay"/>, and walk back.
/// </remarks>
public sealed class Pass : IDisposable
{
    private readonly List<Node> _record = [];
    private readonly List<Storage> _memory = [];
    private readonly RandomSource? _random;
    private BackwardWalk? _walk;
    private bool _ended;

    private Pass(bool training, bool recording, RandomSource? random, AttentionTrace? trace, Workers? workers, TensorPool? pool,
        bool computing = true)
    {
        IsTraining = training;
        IsRecording = recording;
        IsComputing = computing;
        _random = random;
        Trace = trace;
        Workers = workers ?? Workers.Default;
        Pool = pool ?? TensorPool.Shared;
    }

    /// <summary>A pass that records, with dropout on.</summary>
    /// <param name="random">Source of randomness for dropout.</param>
    /// <param name="trace">Where attention writes its weights, if anywhere.</param>
    /// <param name="workers">Threads for kernels; all cores when null.</param>
    /// <param name="pool">Where memory is borrowed; the shared pool when null.</param>
    public static Pass Training(RandomSource random, AttentionTrace? trace = null, Workers? workers = null, TensorPool? pool = null)
    {
        ArgumentNullException.ThrowIfNull(random);
        return new Pass(true, true, random, trace, workers, pool);
    }

    /// <summary>A pass that records nothing, with dropout off.</summary>
    public static Pass Evaluation(AttentionTrace? trace = null, Workers? workers = null, TensorPool? pool = null) =>
        new(false, false, null, trace, workers, pool);

    /// <summary>A pass that records what would be applied to which shapes, with dropout off, and computes nothing: for compilation and
    /// cost.</summary>
    /// <remarks>Reading the elements of a tensor made in it is an error; it takes neither time nor memory.</remarks>
    /// <param name="workers">Threads that what is compiled may use.</param>
    /// <param name="trace">Where attention writes what it would give and what its sides are, if anywhere: tensors without numbers.</param>
    public static Pass Planning(Workers? workers = null, AttentionTrace? trace = null) =>
        new(false, true, null, trace, workers, null, computing: false);

    /// <summary>A pass that records, with dropout off: for gradients of a model in evaluation.</summary>
    public static Pass Recording(AttentionTrace? trace = null, Workers? workers = null, TensorPool? pool = null) =>
        new(false, true, null, trace, workers, pool);

    /// <summary>Whether dropout is on.</summary>
    public bool IsTraining { get; }

    /// <summary>Whether applications are recorded.</summary>
    public bool IsRecording { get; }

    /// <summary>Whether operations are computed; if not, only their shapes are known.</summary>
    public bool IsComputing { get; }

    /// <summary>Where attention writes its weights; null when nobody asks.</summary>
    public AttentionTrace? Trace { get; private set; }

    /// <summary>The threads kernels may use.</summary>
    public Workers Workers { get; }

    /// <summary>Where memory is borrowed.</summary>
    public TensorPool Pool { get; }

    /// <summary>The applications in the order they were made; empty in evaluation.</summary>
    public IReadOnlyList<Node> Record => _record;

    /// <summary>The source of randomness.</summary>
    /// <exception cref="InvalidOperationException">This is not a training pass.</exception>
    public RandomSource Random => _random ?? throw new InvalidOperationException("Pass: only a training pass has randomness");

    /// <summary>Marks a tensor as an input whose gradient is wanted; the memory is shared with the given tensor.</summary>
    public Tensor Differentiable(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new Tensor(value.Storage, value.Shape, requiresGradient: IsRecording);
    }

    /// <summary>Runs part of a pass with another trace.</summary>
    /// <param name="trace">Where attention writes its weights meanwhile.</param>
    /// <param name="part">What is run.</param>
    /// <returns>What the part returns.</returns>
    public T Traced<T>(AttentionTrace trace, Func<T> part)
    {
        ArgumentNullException.ThrowIfNull(part);
        var before = Trace;
        Trace = trace;
        try
        {
            return part();
        }
        finally
        {
            Trace = before;
        }
    }

    /// <summary>Unwritten memory that lives as long as the pass, for inputs that are prepared anew for each pass.</summary>
    public Tensor Rent(Shape shape)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        if (!IsComputing) return new Tensor(Storage.Planned, shape);
        var storage = Pool.Rent(shape.Length);
        _memory.Add(storage);
        return new Tensor(storage, shape);
    }

    /// <summary>Applies an operation with one output.</summary>
    /// <exception cref="ShapeException">The inputs do not fit the operation.</exception>
    public Tensor Apply(Operation operation, params Tensor[] inputs) => ApplyAll(operation, inputs)[0];

    /// <summary>Applies an operation and returns all its outputs.</summary>
    /// <exception cref="ShapeException">The inputs do not fit the operation.</exception>
    public IReadOnlyList<Tensor> ApplyAll(Operation operation, params Tensor[] inputs)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(inputs);
        var shapes = new Shape[inputs.Length];
        var differentiable = false;
        for (var i = 0; i < inputs.Length; i++)
        {
            shapes[i] = inputs[i]?.Shape ?? throw new ShapeException(operation.Name, $"input {i} is null");
            differentiable |= inputs[i].RequiresGradient;
        }

        differentiable &= IsRecording && IsComputing;
        var results = operation.Infer(shapes);
        var outputs = new Tensor[results.Length];
        for (var i = 0; i < outputs.Length; i++) outputs[i] = operation.IsView ? inputs[0].View(results[i]) : Rent(results[i]);

        // Only the first output carries gradients; further ones are for inspection.
        outputs[0].RequiresGradient = differentiable;
        var saved = differentiable ? Array.ConvertAll(operation.Saved(shapes), Rent) : [];
        var node = new Node(operation, inputs, outputs, saved, Workers);
        if (!operation.IsView && IsComputing) operation.Forward(node);
        if (IsRecording) _record.Add(node);
        return outputs;
    }

    /// <summary>Computes everything recorded once more, in place: inputs and parameters are read anew, dropout is drawn anew.</summary>
    /// <remarks>The numbers are the bits that recording the same operations again would give, and nothing is allocated. What was decided
    /// outside the record (a branch on a number, a tensor of constants) stays as it was recorded; a trace receives nothing.</remarks>
    /// <exception cref="InvalidOperationException">The pass does not record.</exception>
    public void Replay()
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        if (!IsRecording || !IsComputing) throw new InvalidOperationException("Replay: the pass does not record, or computes nothing");
        foreach (var node in _record)
        {
            if (_random is not null && node.Operation.DrawsSeed) node.DrawnSeed = _random.NextUInt64();
            if (!node.Operation.IsView) node.Operation.Forward(node);
        }
    }

    /// <summary>The gradients of a loss with respect to everything that asked for one.</summary>
    /// <param name="loss">A single number made in this pass.</param>
    /// <exception cref="ShapeException">The loss is not a single number.</exception>
    /// <exception cref="InvalidOperationException">Nothing that requires a gradient reaches the loss.</exception>
    public Gradients Backward(Tensor loss) => Backward(loss, []);

    /// <summary>The gradients of a loss with respect to everything that asked for one, and to tensors made on the way.</summary>
    /// <param name="loss">A single number made in this pass.</param>
    /// <param name="between">Tensors made in this pass; one that does not reach the loss gets no gradient.</param>
    /// <exception cref="ShapeException">The loss is not a single number.</exception>
    /// <exception cref="InvalidOperationException">Nothing that requires a gradient reaches the loss.</exception>
    public Gradients Backward(Tensor loss, IReadOnlyCollection<Tensor> between)
    {
        var gradients = new Gradients(Pool);
        try
        {
            Backward(loss, gradients, 1, between);
            return gradients;
        }
        catch
        {
            gradients.Dispose();
            throw;
        }
        finally
        {
            // Whoever walks once has no use for the memory between.
            _walk?.Dispose();
            _walk = null;
        }
    }

    /// <summary>Adds the gradients of a loss to those already collected.</summary>
    /// <remarks>Walking back again from the same loss, after <see cref="Replay"/>, allocates nothing.</remarks>
    /// <param name="loss">A single number made in this pass.</param>
    /// <param name="into">What is added to.</param>
    /// <param name="factor">What the loss is multiplied by.</param>
    /// <exception cref="ShapeException">The loss is not a single number.</exception>
    /// <exception cref="InvalidOperationException">Nothing that requires a gradient, and whose gradient is collected, reaches the
    /// loss.</exception>
    public void Backward(Tensor loss, Gradients into, float factor = 1) => Backward(loss, into, factor, []);

    private void Backward(Tensor loss, Gradients into, float factor, IReadOnlyCollection<Tensor> between)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        ArgumentNullException.ThrowIfNull(into);
        ArgumentNullException.ThrowIfNull(loss);
        if (loss.Shape.Length != 1) throw new ShapeException("Backward", $"the loss must be a single number, got {loss.Shape}");
        if (!loss.RequiresGradient)
            throw new InvalidOperationException(
                "Backward: nothing that requires a gradient reaches this loss, or the pass does not record");
        if (_walk is null || between.Count > 0 || _walk.Loss != loss || _walk.Into != into || _walk.Length != _record.Count)
        {
            _walk?.Dispose();
            _walk = null;
            _walk = new BackwardWalk(_record, loss, into, Pool, between);
        }

        _walk.Run(factor);
    }

    /// <summary>The cost of everything recorded.</summary>
    public Cost Cost()
    {
        var cost = default(Cost);
        foreach (var node in _record) cost += node.Operation.Cost(node.Inputs.Select(t => t.Shape).ToArray());
        return cost;
    }

    /// <summary>Ends the pass: the memory of every tensor made in it returns to the pool.</summary>
    public void Dispose()
    {
        if (_ended) return;
        _ended = true;
        _walk?.Dispose();
        foreach (var storage in _memory) storage.Release();
        _memory.Clear();
        _record.Clear();
    }
}
