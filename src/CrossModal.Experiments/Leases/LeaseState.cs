using System.Globalization;

namespace CrossModal.Experiments.Leases;

/// <summary>What the file of a lease says: its holder, then a line for each sign of life, or that the lease was given back.</summary>
/// <param name="Holder">Who holds it; null when the line is damaged.</param>
/// <param name="Phase">What the holder did at its last sign of life; empty before it said.</param>
/// <param name="Share">Share of the phase that was done, 0 to 1.</param>
/// <param name="IsReleased">Whether it was given back.</param>
internal sealed record LeaseState(LeaseHolder? Holder, string Phase, double Share, bool IsReleased)
{
    /// <summary>Whether nobody holds the lease any more: it was given back, or its holder is known to have ended.</summary>
    public bool IsFree => IsReleased || Holder is { IsGone: true };

    /// <summary>The line of a lease that was given back.</summary>
    public const string Released = "released\n";

    /// <summary>The line of a sign of life.</summary>
    public static string Sign(string phase, double share) =>
        string.Create(CultureInfo.InvariantCulture, $"{(phase.Length == 0 ? "begun" : phase)} {share:0.0000}\n");

    /// <summary>Reads a file; a line that is being written is left out.</summary>
    public static LeaseState Read(string text)
    {
        var lines = text.Split('\n')[..^1];
        var (phase, share) = ("", 0.0);
        if (lines.Length > 1 && lines[^1].Split(' ') is [var name, var number]
            && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out share)) phase = name;
        return new LeaseState(lines.Length > 0 ? LeaseHolder.Read(lines[0]) : null, phase, share,
            lines.Length > 1 && lines[^1] + "\n" == Released);
    }
}
