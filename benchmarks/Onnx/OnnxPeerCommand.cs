using CrossModal.Benchmarks.Cases;

namespace CrossModal.Benchmarks.Onnx;

/// <summary>ONNX Runtime as a peer: answers the line protocol on standard input and output.</summary>
internal static class OnnxPeerCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "peer-ort";

    /// <summary>How to ask.</summary>
    public const string Usage = "  peer-ort THREADS\n        ONNX Runtime as a peer of the same protocol";

    /// <summary>Serves until asked to quit.</summary>
    public static int Run(int threads)
    {
        // Ctrl+C is for whoever started us; they say quit.
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel = true;
        ProtocolLoop.Serve(Console.In, Console.Out, new OnnxCases(SharedInputs.Default, threads, Console.Error).Make);
        return 0;
    }
}
