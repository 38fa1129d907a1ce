namespace CrossModal.Cli.Diagnosis;

/// <summary>What follows from a measurement.</summary>
internal enum Verdict
{
    /// <summary>As it should be.</summary>
    Pass,

    /// <summary>To be checked; the command does not fail for it.</summary>
    Warn,

    /// <summary>The policy is broken in this respect.</summary>
    Fail,
}

/// <summary>One thing that was measured of a policy.</summary>
/// <param name="Name">What was asked, in a word or two.</param>
/// <param name="Verdict">What follows.</param>
/// <param name="Figures">The figures behind it.</param>
internal sealed record Finding(string Name, Verdict Verdict, string Figures)
{
    /// <summary>The finding in a line.</summary>
    public override string ToString() => $"{Verdict.ToString().ToUpperInvariant(),-4}  {Name}: {Figures}";
}
