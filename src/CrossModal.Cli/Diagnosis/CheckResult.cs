namespace CrossModal.Cli.Diagnosis;

/// <summary>What follows from a measurement.</summary>
internal enum Verdict
{
    /// <summary>As it should be.</summary>
    Pass,

    /// <summary>To be known; the command does not fail for it.</summary>
    Warn,

    /// <summary>The policy is broken in this respect.</summary>
    Fail,
}

/// <summary>One thing that was measured of a policy.</summary>
/// <param name="Key">Name of the check in results, the same in every language: <c>other-instruction</c>.</param>
/// <param name="Name">What was asked, in a few words.</param>
/// <param name="Verdict">What follows.</param>
/// <param name="Figures">The figures behind it.</param>
internal sealed record CheckResult(string Key, string Name, Verdict Verdict, string Figures)
{
    /// <summary>The verdict as it is printed.</summary>
    public string Word => Verdict.ToString().ToUpperInvariant();

    /// <summary>The result in a line.</summary>
    public override string ToString() => $"{Word,-4}  {Name}: {Figures}";
}
