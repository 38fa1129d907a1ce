using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace CrossModal.Cli.Hosting;

/// <summary>The usual help, followed by a command's notes and examples.</summary>
/// <param name="columns">Width of the output in characters.</param>
/// <param name="first">The command line to begin with.</param>
internal sealed class HelpWithExamples(int columns, string first) : SynchronousCommandLineAction
{
    /// <summary>A wrong option beside <c>--help</c> is no error.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        new HelpAction { MaxWidth = columns }.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is not ToolCommand command)
        {
            output.WriteLine("Begin with:");
            output.WriteLine($"  {first}");
            return ExitCodes.Success;
        }

        foreach (var line in command.Notes) output.WriteLine(line);
        if (command.Notes.Any()) output.WriteLine();
        output.WriteLine(command.Examples.Count == 1 ? "Example:" : "Examples:");
        foreach (var example in command.Examples) output.WriteLine($"  {example}");
        return ExitCodes.Success;
    }
}
