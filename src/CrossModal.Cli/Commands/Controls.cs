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

    /// <summary>The names of all controls, and "all".</summary>
    public static IReadOnlyList<string> Names => [.. Known.Keys, All];

    /// <summary>The names of what can be kept from a policy while it learns.</summary>
    public static IReadOnlyList<string> NamesInTraining => [.. Known.Where(pair => InTraining(pair.Value)).Select(pair => pair.Key)];

    /// <summary>The name of a control.</summary>
    public static string NameOf(PolicyControl control) => Known.First(pair => pair.Value == control).Key;

    /// <summary>The control of one of the <see cref="Names"/> of a single one.</summary>
    public static PolicyControl Parse(string name) => Known[name];

    /// <summary>The controls of some of the <see cref="Names"/>; no control at all when none is given.</summary>
    public static IReadOnlyList<PolicyControl> Parse(IReadOnlyList<string> names) =>
        names.Count == 0 ? [PolicyControl.None] : names.Contains(All) ? [.. Known.Values] : [.. names.Select(Parse)];

    private static bool InTraining(PolicyControl control) =>
        control != PolicyControl.OtherInstruction;
}
