using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Commands;

/// <summary>The names of controls on the command line.</summary>
internal static class Controls
{
    private static readonly Dictionary<string, PolicyControl> Names = new()
    {
        ["none"] = PolicyControl.None,
        ["no-language"] = PolicyControl.NoLanguage,
        ["no-vision"] = PolicyControl.NoVision,
    };

    /// <summary>The control of a name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static PolicyControl Parse(string name) => Names.TryGetValue(name, out var control)
        ? control
        : throw new ArgumentException($"--control: '{name}' is none of {string.Join(", ", Names.Keys)}");
}
