using System.CommandLine;
using System.CommandLine.Parsing;

namespace CrossModal.Cli.Hosting;

/// <summary>What is wrong with a command line that could not be parsed, in a line.</summary>
internal static class WrongUsage
{
    /// <summary>The first thing that is wrong: a name that is not known comes before what is missing because of it.</summary>
    public static string Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens.FirstOrDefault() is { } stray) return ValueOfFlag(parsed, stray) ?? Stray(command, stray);
        var error = parsed.Errors[0];
        return error.SymbolResult is OptionResult option ? Wrong(command, option, error.Message) : error.Message.TrimEnd('.');
    }

    /// <summary>A flag takes "true" or "false" after it; any other text there is left over.</summary>
    private static string? ValueOfFlag(ParseResult parsed, string stray)
    {
        var at = parsed.Tokens.Select(t => t.Value).ToList().IndexOf(stray);
        var before = at > 0 ? parsed.Tokens[at - 1].Value : null;
        return parsed.CommandResult.Command.Options.Any(o => o.Name == before && o.ValueType == typeof(bool))
            ? $"{before} takes no value, got '{stray}'" : null;
    }

    private static string Stray(Command command, string given)
    {
        var name = given.Split('=', ':')[0];
        var (kind, known) = given.StartsWith('-') ? ("option", Names(command.Options)) : ("command", Names(command.Subcommands));
        if (kind == "command" && command is not RootCommand) return $"'{given}' belongs to no option";
        return $"there is no {kind} '{name}'" + (Choice.Nearest(name, known) is { } nearest ? $"; did you mean {nearest}?" : "");
    }

    private static string Wrong(Command command, OptionResult result, string message)
    {
        var (option, given) = (result.Option, result.Tokens.Count);
        if (option.Required && result.IdentifierTokenCount == 0) return $"{command.Name} needs {option.Name}";
        if (given < option.Arity.MinimumNumberOfValues) return $"{option.Name} needs a value";
        return given > option.Arity.MaximumNumberOfValues || result.IdentifierTokenCount > 1 && !option.AllowMultipleArgumentsPerToken
            ? $"{option.Name} is given {result.IdentifierTokenCount} times; once is enough"
            : message.TrimEnd('.');
    }

    private static IReadOnlyList<string> Names(IEnumerable<Option> options) =>
        [.. options.SelectMany(o => o.Aliases.Prepend(o.Name)).Where(n => n.StartsWith("--", StringComparison.Ordinal))];

    private static IReadOnlyList<string> Names(IEnumerable<Command> commands) => [.. commands.Select(c => c.Name)];
}
