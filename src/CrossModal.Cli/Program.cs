using System.Runtime.InteropServices;
using CrossModal.Cli.Commands;
using CrossModal.Cli.Hosting;

StartupWarmup.Start(args);
using var stopping = new CancellationTokenSource();

// The first Ctrl+C, or the first request to end, asks the command to stop where it is safe; a second one ends the process at once.
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return AllCommands.Tool(args).Run(args, Terminal.OfProcess(), stopping.Token);

void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stopping.IsCancellationRequested;
    stopping.Cancel();
}

/// <summary>Stays internal: ASP.NET Core would make it public.</summary>
internal sealed partial class Program;
