using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Cases;

/// <summary>Our engine as a peer: answers the line protocol on standard input and output.</summary>
internal static class PeerCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "peer";

    /// <summary>How to ask.</summary>
    public const string Usage = "  peer THREADS\n        our engine as a peer of the line protocol: CASE N in, ok n n ... out";

    /// <summary>Reads what follows the command's name.</summary>
    /// <exception cref="UsageException">It is not one number of threads.</exception>
    public static int Parse(IReadOnlyList<string> args) =>
        args is [var threads] ? Options.Number("peer", threads, 1, 1024)
            : throw new UsageException("peer: one number of threads is expected");

    /// <summary>Serves until asked to quit.</summary>
    public static int Run(int threads)
    {
        // Ctrl+C is for whoever started us; they say quit.
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel = true;
        using var workers = new Workers(threads);
        var cases = new PeerCases(SharedInputs.Default, workers, Console.Error);
        ProtocolLoop.Serve(Console.In, Console.Out, cases.Make);
        return 0;
    }
}
