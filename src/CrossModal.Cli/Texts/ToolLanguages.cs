namespace CrossModal.Cli.Texts;

/// <summary>How a language is chosen, and how a text is taken from two.</summary>
internal static class ToolLanguages
{
    /// <summary>The option that chooses.</summary>
    public const string Option = "--lang";

    /// <summary>What the option takes.</summary>
    public static IReadOnlyList<string> Names { get; } = ["en", "zh"];

    /// <summary>The language a command line asks for: parsing it takes commands, whose descriptions are in that language. Null when it
    /// asks for none.</summary>
    public static ToolLanguage? Of(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i++)
        {
            var given = args[i].StartsWith(Option + '=', StringComparison.Ordinal)
                || args[i].StartsWith(Option + ':', StringComparison.Ordinal) ? args[i][(Option.Length + 1)..]
                : args[i] == Option && i + 1 < args.Count ? args[i + 1] : null;
            if (given is not null) return given == Names[1] ? ToolLanguage.Chinese : ToolLanguage.English;
        }

        return null;
    }

    /// <summary>The language of an environment, by POSIX's rule: of LC_ALL, LC_MESSAGES and LANG the first that is not empty
    /// decides.</summary>
    /// <param name="variable">Gives an environment variable.</param>
    public static ToolLanguage OfEnvironment(Func<string, string?> variable)
    {
        string[] names = ["LC_ALL", "LC_MESSAGES", "LANG"];
        var locale = names.Select(variable).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return locale is not null && locale.StartsWith(Names[1], StringComparison.OrdinalIgnoreCase) ? ToolLanguage.Chinese
            : ToolLanguage.English;
    }

    /// <summary>The language as HTML names it.</summary>
    public static string Tag(this ToolLanguage language) => language.Pick("en", "zh-CN");

    /// <summary>One of two texts.</summary>
    public static string Pick(this ToolLanguage language, string english, string chinese) => language == ToolLanguage.Chinese ? chinese
        : english;

    /// <summary>One of two texts with numbers in them, written the same in every culture.</summary>
    public static string Format(this ToolLanguage language, FormattableString english, FormattableString chinese) =>
        FormattableString.Invariant(language == ToolLanguage.Chinese ? chinese : english);
}
