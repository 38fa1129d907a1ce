namespace CrossModal.Cli.Tests;

/// <summary>Asks to stop when a text is written.</summary>
internal sealed class StoppingWriter(string at, CancellationTokenSource stop) : StringWriter
{
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.Contains(at, StringComparison.Ordinal) == true) stop.Cancel();
    }
}
