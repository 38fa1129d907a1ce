using CrossModal.Cli.Hosting;
using CrossModal.Publish.Commands;

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    // The first Ctrl+C asks the command to stop where it is safe; a second one ends the process at once.
    pressed.Cancel = !stopping.IsCancellationRequested;
    stopping.Cancel();
};
return AllCommands.Tool().Run(args, Terminal.OfProcess(), stopping.Token);
