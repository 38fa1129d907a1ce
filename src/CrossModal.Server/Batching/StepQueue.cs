using System.Diagnostics;

namespace CrossModal.Server.Batching;

/// <summary>Requests that wait for a step: bounded, and in turns among clients.</summary>
/// <param name="options">The bounds.</param>
internal sealed class StepQueue(BatchOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<StepRequest>> _clients = [];
    private readonly Queue<string> _turns = new();
    private readonly SemaphoreSlim _waiting = new(0);
    private int _count;
    private bool _closed;

    /// <summary>Requests that wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds a request.</summary>
    /// <exception cref="RefusedException">Too many wait, or the queue is closed.</exception>
    public void Add(StepRequest request)
    {
        lock (_lock)
        {
            if (_closed) throw new RefusedException(Refusal.Unavailable, "the policy is being replaced or the server is stopping");
            if (_count >= options.MostWaiting)
                throw new RefusedException(Refusal.Busy, $"{_count} requests are waiting, no more are taken");
            if (!_clients.TryGetValue(request.Client, out var own)) _clients[request.Client] = own = new Queue<StepRequest>();
            if (own.Count >= options.MostWaitingOfClient)
                throw new RefusedException(Refusal.Busy, $"{own.Count} requests of this client are waiting, no more are taken");
            if (own.Count == 0) _turns.Enqueue(request.Client);
            own.Enqueue(request);
            _count++;
        }

        _waiting.Release();
    }

    /// <summary>Waits for requests and takes up to a number of them, one of each client in turn.</summary>
    /// <param name="most">How many.</param>
    /// <returns>The requests; none once the queue is closed and empty.</returns>
    public IReadOnlyList<StepRequest> Take(int most)
    {
        while (true)
        {
            _waiting.Wait();
            var taken = new List<StepRequest>(most);
            lock (_lock)
            {
                while (taken.Count < most && _turns.TryDequeue(out var client)) TakeOne(client, taken);
                if (taken.Count == 0 && _closed) return taken;
            }

            // A permit was taken for the first; those of the others are returned.
            for (var i = 1; i < taken.Count; i++) _waiting.Wait(0);
            taken.RemoveAll(IsOver);
            if (taken.Count > 0) return taken;
        }
    }

    /// <summary>Takes no further requests; those that wait are still given out.</summary>
    public void Close()
    {
        lock (_lock) _closed = true;
        _waiting.Release();
    }

    private void TakeOne(string client, List<StepRequest> taken)
    {
        var own = _clients[client];
        taken.Add(own.Dequeue());
        _count--;
        if (own.Count > 0) _turns.Enqueue(client);
        else _clients.Remove(client);
    }

    private bool IsOver(StepRequest request)
    {
        if (request.IsAbandoned) return true;
        var waited = Stopwatch.GetElapsedTime(request.Came);
        if (waited <= options.LongestWait) return false;
        request.Fail(new RefusedException(Refusal.Late,
            $"it waited {waited.TotalMilliseconds:0} ms, over the bound of {options.LongestWait.TotalMilliseconds:0} ms"));
        return true;
    }
}
