namespace CrossModal.Cli.Hosting;

/// <summary>The exit codes of the tool.</summary>
internal static class ExitCodes
{
    /// <summary>It worked.</summary>
    public const int Success = 0;

    /// <summary>It ran and failed: a target was not reached, training diverged, or it was stopped.</summary>
    public const int Failed = 1;

    /// <summary>It was given something it cannot work with.</summary>
    public const int BadInput = 2;
}
