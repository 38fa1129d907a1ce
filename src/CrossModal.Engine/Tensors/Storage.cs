namespace CrossModal.Engine.Tensors;

/// <summary>The memory behind one or more tensors; pooled memory goes back to its pool when the last holder lets go.</summary>
internal sealed class Storage
{
    private const int PlannedLength = -2;
    private readonly TensorPool? _pool;
    private readonly int _promised = -1;
    private float[]? _array;
    private int _holders = 1;

    /// <summary>Memory that is there.</summary>
    public Storage(float[] array, int offset, TensorPool? pool)
    {
        _array = array;
        Offset = offset;
        _pool = pool;
    }

    private Storage(int length) => _promised = length;

    public int Offset { get; }

    public bool IsShared => Volatile.Read(ref _holders) > 1;

    public float[] Array => _array ?? Make();

    /// <summary>No memory: behind tensors of which only the shape is known.</summary>
    public static Storage Planned { get; } = new(PlannedLength);

    /// <summary>Memory that is made, as zeros, when it is first read.</summary>
    public static Storage Promised(int length) => new(length);

    /// <summary>Gives memory nobody has looked at yet its content, without copying; false when it is too late for that.</summary>
    public bool TryAdopt(float[] values) =>
        values.Length == _promised && Interlocked.CompareExchange(ref _array, values, null) is null;

    public Storage Retain()
    {
        Interlocked.Increment(ref _holders);
        return this;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0) return;
        var memory = _array;
        if (_pool is null || memory is null) return;
        _array = null;
        _pool.Return(memory);
    }

    private float[] Make()
    {
        if (_promised == PlannedLength)
            throw new InvalidOperationException("This tensor was made in a pass that computes nothing: only its shape is known.");
        if (_promised < 0)
            throw new ObjectDisposedException(nameof(Tensor),
                "This tensor's pass has ended. Copy what must outlive it with Tensor.Copy() or ToArray().");
        // Two threads may read at once: the first one's zeros count.
        var zeros = new float[_promised];
        return Interlocked.CompareExchange(ref _array, zeros, null) ?? zeros;
    }
}
