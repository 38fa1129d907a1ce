using System.Globalization;

namespace CrossModal.Policies;

/// <summary>A word does not attend to the object it should (<see cref="WordTest.ShouldAttendTo"/>).</summary>
public sealed class WordTestException : Exception
{
    internal WordTestException(string word, double lift, double p, WordLift measured)
        : base(string.Create(CultureInfo.InvariantCulture,
            $"'{word}' should attend to its object with a lift above {lift:0.##} at p < {p:0.####}: median lift {measured.Lift:0.0}, p = {measured.P:0.0000}, n = {measured.Cases}")) =>
        (Word, Lift, P, Cases) = (word, measured.Lift, measured.P, measured.Cases);

    /// <summary>The word.</summary>
    public string Word { get; }

    /// <summary>The median lift measured, 1 = chance.</summary>
    public double Lift { get; }

    /// <summary>The p-value measured.</summary>
    public double P { get; }

    /// <summary>Number of cases n.</summary>
    public int Cases { get; }
}
