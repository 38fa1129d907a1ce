using CrossModal.Policies;

namespace CrossModal.Server.Batching;

/// <summary>The past frames of all episodes under way, bounded in bytes: those that were used longest ago make room.</summary>
/// <param name="mostBytes">Bytes at most; the frames that were added last stay whatever they take.</param>
internal sealed class KeptPast(long mostBytes)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, LinkedListNode<(long Number, PastMemory Past)>> _kept = [];
    private readonly LinkedList<(long Number, PastMemory Past)> _used = new();
    private long _last;

    /// <summary>Bytes of what is kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>Keeps the frames of another episode.</summary>
    /// <returns>The number to find them by.</returns>
    public long Add(PastMemory past)
    {
        ArgumentNullException.ThrowIfNull(past);
        lock (_lock)
        {
            var number = ++_last;
            _kept[number] = _used.AddLast((number, past));
            Bytes += past.Bytes;
            while (Bytes > mostBytes && _used.Count > 1) Remove(_used.First!.Value.Number);
            return number;
        }
    }

    /// <summary>The frames of an episode, which are now the last used; null once they made room.</summary>
    public PastMemory? Find(long number)
    {
        lock (_lock)
        {
            if (!_kept.TryGetValue(number, out var node)) return null;
            _used.Remove(node);
            _used.AddLast(node);
            return node.Value.Past;
        }
    }

    /// <summary>Forgets the frames of an episode.</summary>
    public void Remove(long number)
    {
        lock (_lock)
        {
            if (!_kept.Remove(number, out var node)) return;
            _used.Remove(node);
            Bytes -= node.Value.Past.Bytes;
        }
    }
}
