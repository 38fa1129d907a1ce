using System.Runtime.InteropServices;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Recording;

/// <summary>The memory of the gradients between: the block given back last is handed out first, while it is still in the cache.</summary>
/// <remarks>Blocks are kept by exact length, so that a second walk over the same record finds all it needs and borrows nothing.</remarks>
internal sealed class GradientMemory(TensorPool pool) : IDisposable
{
    private readonly Dictionary<int, Stack<GradientBlock>> _free = [];
    private readonly List<GradientBlock> _all = [];

    public GradientBlock Rent(int length)
    {
        if (_free.TryGetValue(length, out var stack) && stack.TryPop(out var block))
        {
            block.Holders = 1;
            return block;
        }

        block = new GradientBlock(pool.Rent(length), length);
        _all.Add(block);
        return block;
    }

    /// <summary>One holder less; the last one gives the block back.</summary>
    public void Release(GradientBlock block)
    {
        if (--block.Holders > 0) return;
        ref var stack = ref CollectionsMarshal.GetValueRefOrAddDefault(_free, block.Length, out _);
        (stack ??= new Stack<GradientBlock>()).Push(block);
    }

    /// <summary>Takes every block back, whoever held it.</summary>
    public void Reset()
    {
        foreach (var stack in _free.Values) stack.Clear();
        foreach (var block in _all)
        {
            block.Holders = 1;
            Release(block);
        }
    }

    public void Dispose()
    {
        foreach (var block in _all) block.Storage.Release();
        _all.Clear();
        _free.Clear();
    }
}
