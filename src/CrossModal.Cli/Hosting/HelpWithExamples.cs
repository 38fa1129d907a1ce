using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using CrossModal.Cli.Texts;

namespace CrossModal.Cli.Hosting;

/// <summary>The usual help, followed by a command's notes and examples.</summary>
/// <param name="columns">Width of the output in characters.</param>
/// <param name="tool">Name of the tool.</param>
/// <param name="first">The command to begin with.</param>
/// <param name="language">Language of the help.</param>
internal sealed class HelpWithExamples(int columns, string tool, string first, ToolLanguage language = ToolLanguage.English)
    : SynchronousCommandLineAction
{
    /// <summary>A wrong option beside <c>--help</c> is no error.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        var asked = parseResult.CommandResult.Command;
        if (language == ToolLanguage.Chinese) new ChineseHelpPage(output, columns, tool).Write(asked);
        else new HelpAction { MaxWidth = columns }.Invoke(parseResult);
        if (asked is not ToolCommand command)
        {
            output.WriteLine(language.Pick("Begin with:", "先试试："));
            output.WriteLine($"  {tool} {first}");
            return ExitCodes.Success;
        }

        string[] notes = [.. language == ToolLanguage.Chinese ? ChineseHelp.Notes(command.Name, command.Notes) : command.Notes];
        foreach (var line in notes) output.WriteLine(line);
        if (notes.Length > 0) output.WriteLine();
        output.WriteLine(language.Pick(command.Examples.Count == 1 ? "Example:" : "Examples:", "示例："));
        foreach (var example in command.Examples) output.WriteLine($"  {example}");
        return ExitCodes.Success;
    }
}
