using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace CrossModal.Engine.Kernels;

/// <summary>
/// The threads that kernels share: a job is cut into parts, and the calling thread and the helpers take parts until none is left.
/// What a part computes never depends on who takes it, so the same thread count gives the same bits.
/// </summary>
/// <remarks>
/// Helpers are background threads that spin for a few tens of microseconds after a job and then park: where two virtual
/// cores share a physical one, a helper that spins forever costs stalls of milliseconds.
/// </remarks>
public sealed class Workers : IDisposable
{
    private const int SpinMicroseconds = 60;
    private static readonly Lazy<Workers> LazyDefault = new(() => new Workers(Environment.ProcessorCount, shared: true));

    private readonly Helper[] _helpers;
    private readonly bool _shared;
    private unsafe void* _state;
    private unsafe delegate*<void*, int, void> _body;
    private int _busy;
    private int _pending;
    private Exception? _failure;
    private volatile bool _disposed;

    // Upper half: number of the job; lower half: parts nobody has taken yet. A part is taken by compare-and-swap, so a
    // helper that wakes late and holds the fields of a finished job can never take a part of the next one.
    private long _claim;

    /// <summary>A pool of <paramref name="threads"/> threads, the caller of each job included.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 1 or above 1024.</exception>
    public Workers(int threads) : this(threads, shared: false)
    {
    }

    private Workers(int threads, bool shared)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 1024);
        Threads = threads;
        _shared = shared;
        _helpers = new Helper[threads - 1];
        for (var i = 0; i < _helpers.Length; i++)
        {
            var helper = new Helper();
            _helpers[i] = helper;
            new Thread(() => Help(helper)) { IsBackground = true, Name = $"CrossModal worker {i + 1}" }.Start();
        }
    }

    /// <summary>One thread: every job runs on its caller.</summary>
    public static Workers Single { get; } = new(1, shared: true);

    /// <summary>As many threads as the process has processors; made at first use.</summary>
    public static Workers Default => LazyDefault.Value;

    /// <summary>How many threads take part in a job, the caller included.</summary>
    public int Threads { get; }

    /// <summary>Ends the helper threads; <see cref="Single"/> and <see cref="Default"/> are shared and stay.</summary>
    public void Dispose()
    {
        if (_shared || _disposed) return;
        _disposed = true;
        foreach (var helper in _helpers) helper.Wake.Set();
    }

    /// <summary>
    /// Runs <paramref name="body"/> for every part from 0 to <paramref name="parts"/> - 1 and returns when all are done.
    /// A job started while another runs (from a part, or from another thread) runs on its caller with the same parts.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    internal unsafe void Run(int parts, void* state, delegate*<void*, int, void> body)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (parts <= 1 || _helpers.Length == 0 || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            for (var part = 0; part < parts; part++) body(state, part);
            return;
        }

        _state = state;
        _body = body;
        _failure = null;
        _pending = parts;
        var job = (int)(Volatile.Read(ref _claim) >> 32) + 1;
        // Exchange, not a plain write: the fence keeps it before the reads of Parked below.
        Interlocked.Exchange(ref _claim, ((long)job << 32) | (uint)parts);
        var wanted = Math.Min(parts - 1, _helpers.Length);
        for (var i = 0; i < wanted; i++)
        {
            if (Interlocked.Exchange(ref _helpers[i].Parked, 0) == 1) _helpers[i].Wake.Set();
        }

        TakeParts(job);
        var spin = 0;
        while (Volatile.Read(ref _pending) > 0)
        {
            if (++spin < 2000) Thread.SpinWait(4);
            else Thread.Yield();
        }

        var failure = _failure;
        Volatile.Write(ref _busy, 0);
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Runs a struct job; it lives on the caller's stack, so nothing is allocated.</summary>
    internal unsafe void Run<TBody>(int parts, ref TBody body) where TBody : struct, IWorkBody
    {
        Run(parts, Unsafe.AsPointer(ref body), &ExecutePart<TBody>);
    }

    private static unsafe void ExecutePart<TBody>(void* state, int part) where TBody : struct, IWorkBody
        => Unsafe.AsRef<TBody>(state).Execute(part);

    private unsafe void TakeParts(int job)
    {
        while (true)
        {
            var claim = Volatile.Read(ref _claim);
            var left = (int)claim;
            if ((int)(claim >> 32) != job || left == 0) return;
            var state = _state;
            var body = _body;
            if (Interlocked.CompareExchange(ref _claim, claim - 1, claim) != claim) continue;
            try
            {
                body(state, left - 1);
            }
            catch (Exception failure)
            {
                Interlocked.CompareExchange(ref _failure, failure, null);
            }

            Interlocked.Decrement(ref _pending);
        }
    }

    private void Help(Helper helper)
    {
        var spinTicks = Stopwatch.Frequency * SpinMicroseconds / 1_000_000;
        var idleSince = Stopwatch.GetTimestamp();
        while (!_disposed)
        {
            var claim = Volatile.Read(ref _claim);
            if ((int)claim != 0)
            {
                TakeParts((int)(claim >> 32));
                idleSince = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetTimestamp() - idleSince < spinTicks)
            {
                Thread.SpinWait(8);
            }
            else
            {
                Interlocked.Exchange(ref helper.Parked, 1);
                if ((int)Volatile.Read(ref _claim) == 0 && !_disposed) helper.Wake.WaitOne();
                Volatile.Write(ref helper.Parked, 0);
                idleSince = Stopwatch.GetTimestamp();
            }
        }
    }

    private sealed class Helper
    {
        public readonly AutoResetEvent Wake = new(false);
        public int Parked;
    }
}
