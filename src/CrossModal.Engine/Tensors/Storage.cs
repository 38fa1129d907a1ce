namespace CrossModal.Engine.Tensors;

/// <summary>The memory behind one or more tensors; pooled memory goes back to its pool when the last holder lets go.</summary>
internal sealed class Storage(float[] array, int offset, TensorPool? pool)
{
    private float[]? _array = array;
    private int _holders = 1;

    public int Offset { get; } = offset;

    public bool IsShared => Volatile.Read(ref _holders) > 1;

    public float[] Array => _array ?? throw new ObjectDisposedException(
        nameof(Tensor), "This tensor's pass has ended. Copy what must outlive it with Tensor.Copy() or ToArray().");

    public Storage Retain()
    {
        Interlocked.Increment(ref _holders);
        return this;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0) return;
        var memory = _array;
        if (pool is null || memory is null) return;
        _array = null;
        pool.Return(memory);
    }
}
