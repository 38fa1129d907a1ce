using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>One tensor of a plan: what a step reads or writes, and where it lies.</summary>
internal sealed class Value(Shape shape, Stage stage)
{
    private Tensor? _memory;
    private Value? _aliasOf;

    /// <summary>Sizes.</summary>
    public Shape Shape { get; } = shape;

    /// <summary>When it is known.</summary>
    public Stage Stage { get; } = stage;

    /// <summary>What computes it; null for weights and inputs.</summary>
    public GraphNode? Producer { get; set; }

    /// <summary>What reads it, in the order of the record; twice when an operation reads it twice.</summary>
    public List<GraphNode> Consumers { get; } = [];

    /// <summary>Whether it is a result of the plan.</summary>
    public bool IsOutput { get; set; }

    /// <summary>The recorded weight or constant this is; null for what is computed or given.</summary>
    public Tensor? Constant { get; init; }

    /// <summary>Whether a frame or an instruction brings it.</summary>
    public bool IsInput { get; init; }

    /// <summary>Whether it lies elsewhere each time it is brought.</summary>
    public bool Moves { get; init; }

    /// <summary>The value whose memory this one is under another shape: itself unless it is a reshape.</summary>
    public Value Root => _aliasOf?.Root ?? this;

    /// <summary>Whether memory was assigned.</summary>
    public bool HasMemory => _memory is not null;

    /// <summary>Where it lies.</summary>
    public Tensor Memory
    {
        get => _memory ?? throw new InvalidOperationException($"a value of shape {Shape} has no memory");
        set => _memory = value;
    }

    /// <summary>Its numbers.</summary>
    public Span<float> Span => Memory.Span;

    /// <summary>The only reader, or null when there are none or several, or it is a result.</summary>
    public GraphNode? OnlyConsumer => Consumers.Count == 1 && !IsOutput ? Consumers[0] : null;

    /// <summary>Declares this value to be another one under another shape.</summary>
    public void AliasOf(Value other) => _aliasOf = other;
}
