using System.Text.RegularExpressions;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>Which tokens of a strategy attend to visual tokens.</summary>
public enum VisionAttention
{
    /// <summary>None do.</summary>
    None,

    /// <summary>Latents, learned queries, one vector for the whole instruction, or the visual tokens themselves; no word has a map over the
    /// picture.</summary>
    Others,

    /// <summary>Words, directly or through latents: each word has a map over the picture.</summary>
    Words,
}

/// <summary>What there is to know of a fusion strategy before it is made: it stands beside the strategy, as a public static
/// property.</summary>
/// <param name="Name">What configurations and command lines call it: small letters, digits and hyphens, <c>cross-attention</c>.</param>
/// <param name="Title">Its name for readers, <c>Cross-Attention</c>.</param>
/// <param name="Summary">What it does, in a line.</param>
/// <param name="Create">Makes the strategy of sizes, and of a source of its first weights.</param>
public sealed partial record StrategyDescription(string Name, string Title, string Summary,
    Func<FusionOptions, RandomSource, FusionStrategy> Create)
{
    private const int LongestName = 40;
    private const int LongestLine = 200;

    /// <summary>
    /// Which of its tokens attend to visual tokens, in the way that <see cref="VisionOptions.Attention"/> asks for; where none do, to ask
    /// is refused.
    /// </summary>
    public VisionAttention Attends { get; init; }

    /// <summary>Number of cameras it needs to show what it is for; a comparison gives it so many.</summary>
    public int Views { get; init; } = 1;

    /// <summary>Whether what it computes depends on where visual tokens lie on their grid.</summary>
    public bool OnGrid { get; init; }

    /// <summary>Demands that everything is stated and well formed.</summary>
    /// <exception cref="ArgumentException">Something is not; the message names the strategy and what.</exception>
    internal void Check()
    {
        if (!NamePattern().IsMatch(Name ?? "") || Name!.Length > LongestName)
            throw new ArgumentException(
                $"a strategy cannot be called '{Name}': a name is small letters, digits and hyphens between, at most {LongestName}");
        CheckLine("title", Title);
        CheckLine("summary", Summary);
        if (Views < 1) throw new ArgumentException($"the strategy '{Name}' needs at least one view, got {Views}");
        if (Create is null) throw new ArgumentException($"the strategy '{Name}' has nothing that makes it");
    }

    private void CheckLine(string what, string text)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > LongestLine || text.Any(char.IsControl))
            throw new ArgumentException($"the strategy '{Name}' needs a {what} of one line and at most {LongestLine} characters");
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
