using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Commands;

/// <summary>The names of controls on the command line.</summary>
internal static class Controls
{
    private const string All = "all";

    private static readonly Dictionary<string, PolicyControl> Known = new()
    {
        ["none"] = PolicyControl.None,
        ["no-language"] = PolicyControl.NoLanguage,
        ["no-vision"] = PolicyControl.NoVision,
        ["shuffled-instruction"] = PolicyControl.ShuffledInstruction,
        ["other-instruction"] = PolicyControl.OtherInstruction,
    };

    /// <summary>The names of all controls.</summary>
    public static string Names => string.Join(", ", Known.Keys);

    /// <summary>The names of what can be kept from a policy while it learns.</summary>
    public static string NamesInTraining => string.Join(", ", Known.Where(pair => InTraining(pair.Value)).Select(pair => pair.Key));

    /// <summary>The name of a control.</summary>
    public static string NameOf(PolicyControl control) => Known.First(pair => pair.Value == control).Key;

    /// <summary>The control of a name, in training.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static PolicyControl ParseForTraining(string name) => Known.TryGetValue(name, out var control) && InTraining(control)
        ? control
        : throw new ArgumentException($"--control: '{name}' is none of {NamesInTraining}");

    /// <summary>The controls of some names, or of "all"; no control at all when no name is given.</summary>
    /// <exception cref="ArgumentException">A name is unknown.</exception>
    public static IReadOnlyList<PolicyControl> Parse(IReadOnlyList<string> names)
    {
        if (names.Count == 0) return [PolicyControl.None];
        if (names.Contains(All)) return [.. Known.Values];
        return [.. names.Select(name => Known.TryGetValue(name, out var control) ? control : throw new ArgumentException($"--control: '{name}' is none of {Names}, {All}"))];
    }

    private static bool InTraining(PolicyControl control) => control is PolicyControl.None or PolicyControl.NoLanguage or PolicyControl.NoVision;
}
