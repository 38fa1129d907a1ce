using CrossModal.Cli.Hosting;

namespace CrossModal.Publish.Commands;

/// <summary>The commands that fill the project's own documents.</summary>
internal static class AllCommands
{
    /// <summary>How the tool is called, from the root of the repository.</summary>
    public const string ToolName = "dotnet run -c Release --project tools/Publish --";

    /// <summary>Every command.</summary>
    public static IReadOnlyList<ToolCommand> List() =>
        [new DocsCommand(), new TimesCommand(), new RepeatCommand(), new QuestionCommand(), new TrustCommand(), new MonitorCommand(),
            new EncodersCommand(), new FilmsCommand()];

    /// <summary>The tool.</summary>
    public static Tool Tool() => new(ToolName, "Fill the documents of this project with what was measured.", DocsCommand.Word, List());
}
