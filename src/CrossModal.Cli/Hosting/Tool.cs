using System.CommandLine;
using System.CommandLine.Help;
using System.Reflection;
using CrossModal.Cli.Texts;
using CrossModal.Engine.Formats;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Cli.Hosting;

/// <summary>A command-line tool: its commands, and the frame every command runs in.</summary>
/// <param name="name">What the tool is called on the command line.</param>
/// <param name="description">What it does, in a line.</param>
/// <param name="first">The command to begin with.</param>
/// <param name="commands">Its commands.</param>
internal sealed class Tool(string name, string description, string first, IEnumerable<ToolCommand> commands)
{

    /// <summary>Version of the tool, such as <c>0.1.0</c>.</summary>
    public static string Version { get; } =
        typeof(Tool).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The arguments, without the tool's name.</param>
    /// <param name="terminal">Where to write.</param>
    /// <param name="stop">Asks the command to stop.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public int Run(IReadOnlyList<string> args, Terminal terminal, CancellationToken stop = default)
    {
        var language = ToolLanguages.Of(args) ?? terminal.Language;
        var root = Root(terminal, language, stop);
        // A file of arguments (@file) is one more thing to go wrong and nobody's habit here: '@' is an ordinary character.
        var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null };
        var parsed = root.Parse(args, configuration);
        try
        {
            // Names of strategies are checked by parsing, so those of one's own are there before the parsing that counts.
            if (StrategyAssembly.Register(parsed)) parsed = root.Parse(args, configuration);
        }
        catch (UsageException e)
        {
            return Refuse(parsed, e.Message, terminal, language);
        }

        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
            return Refuse(parsed, WrongUsage.Of(parsed), terminal, language);
        return parsed.Invoke(new InvocationConfiguration
        {
            Output = terminal.Output,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    /// <summary>Text without line breaks or control characters, so that an error is one line whatever it quotes.</summary>
    internal static string OneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Replace('\u001b', '?').Replace('\t', ' ');

    private RootCommand Root(Terminal terminal, ToolLanguage language, CancellationToken stop)
    {
        var root = new RootCommand(description) { HelpName = name };
        root.Directives.Clear();
        root.Options.Clear();
        root.Options.Add(new HelpOption { Action = new HelpWithExamples(terminal.Columns, name, first, language), Recursive = true });
        var version = new Option<bool>("--version") { Description = "Show the version" };
        root.Options.Add(version);
        root.Options.Add(LanguageOption());
        foreach (var command in commands)
        {
            command.SetAction(parsed => Guard(command, new CommandContext(name, parsed, terminal, stop, language)));
            root.Subcommands.Add(command);
        }

        root.SetAction(parsed =>
        {
            if (!parsed.GetValue(version)) return new HelpWithExamples(terminal.Columns, name, first, language).Invoke(parsed);
            terminal.Output.WriteLine($"{name} {Version}");
            return ExitCodes.Success;
        });
        return root;
    }

    /// <summary>Read before anything is parsed (<see cref="ToolLanguages.Of"/>), as descriptions depend on it; here it is checked and
    /// listed.</summary>
    private static Option<string?> LanguageOption()
    {
        var option = new Option<string?>(ToolLanguages.Option)
        {
            Description = "Language of help, messages and reports: en or zh; that of the environment (LC_ALL, LC_MESSAGES, LANG) unless " +
                "given",
            HelpName = "language",
            Recursive = true,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !ToolLanguages.Names.Contains(result.Tokens[^1].Value))
                result.AddError($"{option.Name}: {Choice.Unknown(result.Tokens[^1].Value, ToolLanguages.Names)}");
        });
        return option;
    }

    private int Guard(ToolCommand command, CommandContext context)
    {
        var exit = Try(command, context);
        context.Leave(exit);
        return exit;
    }

    private int Try(ToolCommand command, CommandContext context)
    {
        var texts = new ErrorTexts(context.Language);
        try
        {
            return command.Execute(context);
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            context.Ranks?.Settle();
            context.Terminal.Error.WriteLine(texts.Stopped);
            return ExitCodes.Failed;
        }
        catch (UsageException e)
        {
            context.Terminal.Error.WriteLine($"{name}: {texts.WithHelp(OneLine(e.Message), $"{name} {command.Name}")}");
            return ExitCodes.BadInput;
        }
        catch (TrainingDivergedException e)
        {
            context.Terminal.Error.WriteLine($"{name}: {OneLine(e.Message)}");
            return ExitCodes.Failed;
        }
        catch (Exception e) when (e is FileFormatException or WeightOverflowException or IOException or UnauthorizedAccessException
            || e is ArgumentException or NotSupportedException && Failure.IsFromHere(e))
        {
            context.Terminal.Error.WriteLine($"{name}: {Message(e)}");
            return ExitCodes.BadInput;
        }
        catch (OutOfMemoryException)
        {
            context.Terminal.Error.WriteLine($"{name}: {texts.WithHelp(texts.NoMemory, $"{name} {command.Name}")}");
            return ExitCodes.BadInput;
        }
        catch (Exception e) when (StrategyAssembly.IsFrom(e))
        {
            // Whoever wrote the strategy needs the whole story.
            context.Terminal.Error.WriteLine($"{name}: {texts.StrategyFailed($"{e}")}");
            return ExitCodes.Failed;
        }
        catch (Exception e)
        {
            // Not the user's doing: whoever reports it needs the whole story.
            context.Terminal.Error.WriteLine($"{name}: {texts.Internal($"{e}")}");
            return ExitCodes.Failed;
        }
    }

    private static string Message(Exception e) => OneLine(
        e is IOException or UnauthorizedAccessException && !Failure.IsFromHere(e) && Failure.PathOf(e) is { } path
            ? $"{path}: {Failure.Reason(e)}"
        : e is IOException && Failure.IsFromHere(e) ? e.Message : Failure.Reason(e));

    private int Refuse(ParseResult parsed, string problem, Terminal terminal, ToolLanguage language)
    {
        var command = parsed.CommandResult.Command;
        var where = command is RootCommand ? name : $"{name} {command.Name}";
        terminal.Error.WriteLine($"{name}: {new ErrorTexts(language).WithHelp(OneLine(problem), where)}");
        return ExitCodes.BadInput;
    }
}
