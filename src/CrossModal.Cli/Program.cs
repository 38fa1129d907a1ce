using CrossModal.Cli.Commands;

Rehearsal.Start(args);
using var stopping = new CancellationTokenSource();

// The first Ctrl+C asks the command to stop where it is safe; a second one ends the process at once.
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = !stopping.IsCancellationRequested;
    stopping.Cancel();
};
return Tool.Run(args, Terminal.OfProcess(), stopping.Token);
