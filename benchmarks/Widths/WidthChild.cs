using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CrossModal.Benchmarks.Cases;
using CrossModal.Benchmarks.Kernels;
using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Widths;

/// <summary>Measures kernels in a process whose vectors have one width: answers the line protocol, one thread.</summary>
internal static class WidthChild
{
    /// <summary>Name of the command.</summary>
    public const string Name = "peer-widths";

    /// <summary>The case that is the multiply-add peak.</summary>
    public const string Peak = "peak";

    /// <summary>What stands before the name of a case for the bytes it moves, without what it computes.</summary>
    public const string Bytes = "bytes:";

    /// <summary>Multiply-adds of the peak's case.</summary>
    public const int PeakIterations = 20_000;

    /// <summary>Serves until asked to quit.</summary>
    public static int Run()
    {
        // Ctrl+C is for whoever started us; they say quit.
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel = true;
        var cases = WidthCases.All().ToDictionary(c => c.Name);
        ProtocolLoop.Serve(Console.In, Console.Out, name => new Repeated(Call(name, cases)));
        return 0;
    }

    private static Action Call(string name, Dictionary<string, WidthCase> cases)
    {
        if (name == Peak) return () => MultiplyAddPeak.Multiply(PeakIterations);
        if (cases.TryGetValue(name, out var found)) return () => found.Call(Workers.Single);
        if (!name.StartsWith(Bytes, StringComparison.Ordinal) || !cases.TryGetValue(name[Bytes.Length..], out found))
            throw new ArgumentException($"there is no case '{name}'");
        var (from, to) = (new byte[found.Read + Vector<byte>.Count], new byte[found.Written]);
        return () => Move(from, to);
    }

    /// <summary>Reads every byte of one span and writes every byte of the other, once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move(byte[] from, byte[] to)
    {
        var (even, odd) = (Vector<ulong>.Zero, Vector<ulong>.Zero);
        var vectors = MemoryMarshal.Cast<byte, Vector<ulong>>(from);
        for (var i = 0; i + 1 < vectors.Length; i += 2)
        {
            even ^= vectors[i];
            odd ^= vectors[i + 1];
        }

        to.AsSpan().Fill((byte)(even ^ odd)[0]);
    }

    /// <summary>A call repeated for a millisecond a sample; picoseconds of one call.</summary>
    private sealed class Repeated : IPeerCase
    {
        private const double SampleMilliseconds = 1;

        // The runtime compiles a method anew after 30 calls and a pause of 100 ms.
        private const int WarmUpCalls = 60;
        private const double WarmUpMilliseconds = 250;

        private readonly Action _call;
        private readonly int _calls;

        public Repeated(Action call)
        {
            _call = call;
            var start = Stopwatch.GetTimestamp();
            var done = 0;
            for (; done < WarmUpCalls || Stopwatch.GetElapsedTime(start).TotalMilliseconds < WarmUpMilliseconds; done++) call();
            _calls = 1;
            _calls = (int)Math.Clamp(SampleMilliseconds * 1e9 / Measure(3).Min(), 1, 1e6);
        }

        public long[] Measure(int count)
        {
            _call();
            var times = new long[count];
            foreach (ref var time in times.AsSpan())
            {
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < _calls; i++) _call();
                time = (long)(Stopwatch.GetElapsedTime(start).TotalNanoseconds * 1000 / _calls);
            }

            return times;
        }
    }
}
