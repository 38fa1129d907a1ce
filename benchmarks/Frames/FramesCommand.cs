using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using CrossModal.Imaging;
using CrossModal.Reports;

namespace CrossModal.Benchmarks.Frames;

/// <summary>Measures the preprocessing of camera frames beside the plain way, and beside reading their bytes once, which no way
/// undercuts.</summary>
internal static class FramesCommand
{
    private const int Size = 64;
    private const int WarmUps = 60;

    // The runtime compiles a method anew after 30 calls and a pause of 100 ms.
    private const int WarmUpPause = 250;

    private static readonly (int Width, int Height, PixelFormat Format)[] Cases =
    [
        (640, 480, PixelFormat.Rgb), (640, 480, PixelFormat.Bgra), (640, 480, PixelFormat.Gray),
        (1280, 720, PixelFormat.Rgb), (1280, 720, PixelFormat.Bgra),
    ];

    /// <summary>Measures and prints.</summary>
    public static int Run(FramesArguments arguments)
    {
        Console.WriteLine($"{Machine.Line}; 1 thread; frames to [3,{Size},{Size}]");
        Console.WriteLine($"best of {arguments.Rounds} rounds (medians in brackets); ratios are of the best");
        Console.WriteLine(
            $"{"frame",-18}{"ms a frame",18}{"plain, ms",20}{"plain / ours",14}{"read once, ms",16}{"ours / read",13}{"bytes a frame",15}");
        foreach (var (width, height, format) in Cases)
        {
            var bytes = new byte[width * height * format.PixelBytes()];
            new Random(1).NextBytes(bytes);
            Print($"{width}x{height} {format}", bytes, width, height, format, arguments.Rounds);
        }

        return 0;
    }

    private static void Print(string name, byte[] bytes, int width, int height, PixelFormat format, int rounds)
    {
        var preprocessor = new FramePreprocessor(Size);
        var planes = new float[RgbImage.Channels * Size * Size];
        preprocessor.Encode(new Frame(bytes, width, height, format), planes);
        if (!planes.AsSpan().SequenceEqual(PlainPreprocessing.Encode(new Frame(bytes, width, height, format), Size)))
            throw new InvalidOperationException($"{name}: the planes differ from the plain way's");

        var parity = Vector<ulong>.Zero;
        Action[] ways =
        [
            () => preprocessor.Encode(new Frame(bytes, width, height, format), planes),
            () => PlainPreprocessing.Encode(new Frame(bytes, width, height, format), Size),
            () => parity ^= Parity(bytes),
        ];
        foreach (var way in ways)
            for (var i = 0; i < WarmUps; i++) way();
        Thread.Sleep(WarmUpPause);
        var times = ways.Select(_ => new double[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var way = 0; way < ways.Length; way++)
            {
                var start = Stopwatch.GetTimestamp();
                ways[way]();
                times[way][round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }

        // By themselves, and the median: a collection counts the rest of this thread's chunk as allocated.
        var allocated = new double[rounds];
        foreach (ref var bytesOfFrame in allocated.AsSpan())
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            ways[0]();
            bytesOfFrame = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        var (ours, plain, read) = (times[0].Min(), times[1].Min(), times[2].Min());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-18}{ours,9:F3} ({Median(times[0]):F3}){plain,11:F2} ({Median(times[1]):F2})")
            + string.Create(CultureInfo.InvariantCulture, $"{plain / ours,14:F1}{read,16:F3}{ours / read,13:F1}{Median(allocated),15}"));
    }

    /// <summary>Reads every byte once.</summary>
    private static Vector<ulong> Parity(byte[] bytes)
    {
        var parity = Vector<ulong>.Zero;
        foreach (var part in MemoryMarshal.Cast<byte, Vector<ulong>>(bytes)) parity ^= part;
        return parity;
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
