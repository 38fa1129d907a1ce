using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

namespace CrossModal.Cli.Commands;

/// <summary>
/// Runs a narrow network of zeros on a thread of its own while a command reads its files. The kernels are compiled at their first call,
/// whatever was published ahead of time, and that takes longer than computing a first result does: this way a processor with nothing to
/// do has it done before the weights are there.
/// </summary>
internal static class StartupWarmup
{
    // Rows left over from tiles of six, and heads as wide as usual: other sizes would leave some of the kernels out.
    private const int Heads = 4;
    private const int Width = 64 * Heads;
    private const int Words = 16;
    private const int Patches = 196;

    /// <summary>Begins if the command named runs a network once; nobody waits for its end.</summary>
    public static void Start(IReadOnlyList<string> args)
    {
        if (Environment.ProcessorCount < 2 || args.FirstOrDefault() is not (FuseCommand.Word or AttendCommand.Word)) return;
        new Thread(Run) { IsBackground = true, Name = "startup warm-up" }.Start();
    }

    /// <summary>Runs the network once.</summary>
    internal static void Run()
    {
        var network = new CrossModalTransformer(new FusionOptions(Width, Heads), RandomSource.None);
        using var pass = Pass.Evaluation(workers: Workers.Single);
        network.Forward(new FusionInput(Zeros(Words), Zeros(Patches)), pass);
    }

    private static Tokens Zeros(int count) => new(Tensor.Zeros([1, count, Width]));
}
