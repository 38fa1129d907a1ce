using System.CommandLine;
using CrossModal.Tabletop.Language;

namespace CrossModal.Cli.Hosting;

/// <summary>The option <c>--instructions</c>: the language of instructions on the tabletop.</summary>
internal static class InstructionOption
{
    /// <summary>Its name.</summary>
    public const string Name = "--instructions";

    private const string English = "en";

    private static readonly (string Name, InstructionLanguage Language)[] Known =
        [(English, InstructionLanguage.English), ("zh", InstructionLanguage.Chinese), ("both", InstructionLanguage.Both)];

    /// <summary>The names of the languages, and "both".</summary>
    public static IReadOnlyList<string> Names => [.. Known.Select(k => k.Name)];

    /// <summary>The name of a language.</summary>
    public static string NameOf(InstructionLanguage language) => Known.First(k => k.Language == language).Name;

    /// <summary>The language an option gave.</summary>
    public static InstructionLanguage Parse(string name) => Known.First(k => k.Name == name).Language;

    /// <summary>Adds the language to what decides the weights of a run. English alone is not written: runs that were begun before there
    /// was a choice go on.</summary>
    public static InstructionLanguage Record(CommandContext context, Option<string?> option, RunDescription description)
    {
        var language = Parse(context.Get(option)!);
        if (language != InstructionLanguage.English) description.Set(Name, NameOf(language));
        return language;
    }
}
