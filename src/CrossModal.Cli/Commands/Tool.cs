using System.CommandLine;
using System.CommandLine.Help;
using System.Reflection;
using CrossModal.Engine.Formats;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Cli.Commands;

/// <summary>The <c>crossmodal</c> tool: its commands, and the frame every command runs in.</summary>
internal static class Tool
{
    /// <summary>What the tool is called.</summary>
    public const string Name = "crossmodal";

    /// <summary>Version of the tool, such as <c>0.1.0</c>.</summary>
    public static string Version { get; } =
        typeof(Tool).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The arguments, without the tool's name.</param>
    /// <param name="terminal">Where to write.</param>
    /// <param name="stop">Asks the command to stop.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int Run(IReadOnlyList<string> args, Terminal terminal, CancellationToken stop = default) =>
        Run(args, terminal, Commands(args), stop);

    /// <summary>Runs a command line against a list of commands.</summary>
    internal static int Run(IReadOnlyList<string> args, Terminal terminal, IEnumerable<ToolCommand> commands, CancellationToken stop)
    {
        var root = Root(terminal, commands, stop);
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
            return Refuse(parsed, e.Message, terminal);
        }

        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples) return Refuse(parsed, WrongUsage.Of(parsed), terminal);
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

    /// <summary>Every command.</summary>
    internal static IReadOnlyList<ToolCommand> All() =>
    [
        new DemoCommand(), new PretrainCommand(), new TrainCommand(), new EvaluateCommand(), new CompareCommand(), new RunCommand(), new AttendCommand(), new FuseCommand(),
        new FaithfulnessCommand(), new DoctorCommand(), new ReportCommand(), new QuestionCommand(),
    ];

    /// <summary>The command asked for, or all of them when the first argument is none of their names: making one loads what its options are about.</summary>
    private static IEnumerable<ToolCommand> Commands(IReadOnlyList<string> args) => args.FirstOrDefault() switch
    {
        DemoCommand.Word => [new DemoCommand()],
        PretrainCommand.Word => [new PretrainCommand()],
        TrainCommand.Word => [new TrainCommand()],
        EvaluateCommand.Word => [new EvaluateCommand()],
        CompareCommand.Word => [new CompareCommand()],
        AttendCommand.Word => [new AttendCommand()],
        RunCommand.Word => [new RunCommand()],
        FuseCommand.Word => [new FuseCommand()],
        FaithfulnessCommand.Word => [new FaithfulnessCommand()],
        DoctorCommand.Word => [new DoctorCommand()],
        ReportCommand.Word => [new ReportCommand()],
        QuestionCommand.Word => [new QuestionCommand()],
        _ => All(),
    };

    private static RootCommand Root(Terminal terminal, IEnumerable<ToolCommand> commands, CancellationToken stop)
    {
        var root = new RootCommand("Fuse language and vision by attention, draw the attention weights of each word, and run the result.") { HelpName = Name };
        root.Directives.Clear();
        root.Options.Clear();
        root.Options.Add(new HelpOption { Action = new HelpWithExamples(terminal.Columns), Recursive = true });
        var version = new Option<bool>("--version") { Description = "Show the version" };
        root.Options.Add(version);
        foreach (var command in commands)
        {
            command.SetAction(parsed => Guard(command, new CommandContext(parsed, terminal, stop)));
            root.Subcommands.Add(command);
        }

        root.SetAction(parsed =>
        {
            if (!parsed.GetValue(version)) return new HelpWithExamples(terminal.Columns).Invoke(parsed);
            terminal.Output.WriteLine($"{Name} {Version}");
            return ExitCodes.Success;
        });
        return root;
    }

    private static int Guard(ToolCommand command, CommandContext context)
    {
        var terminal = context.Terminal;
        try
        {
            return command.Execute(context);
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            terminal.Error.WriteLine("stopped");
            return ExitCodes.Failed;
        }
        catch (UsageException e)
        {
            terminal.Error.WriteLine($"{Name}: {OneLine(e.Message)}; see {Name} {command.Name} --help");
            return ExitCodes.BadInput;
        }
        catch (TrainingDivergedException e)
        {
            terminal.Error.WriteLine($"{Name}: {OneLine(e.Message)}");
            return ExitCodes.Failed;
        }
        catch (Exception e) when (e is FileFormatException or WeightOverflowException or IOException or UnauthorizedAccessException
            || e is ArgumentException or NotSupportedException && Failure.IsFromHere(e))
        {
            terminal.Error.WriteLine($"{Name}: {Message(e)}");
            return ExitCodes.BadInput;
        }
        catch (OutOfMemoryException)
        {
            terminal.Error.WriteLine($"{Name}: there is not enough memory for sizes like these; see {Name} {command.Name} --help");
            return ExitCodes.BadInput;
        }
        catch (Exception e) when (StrategyAssembly.IsFrom(e))
        {
            // Whoever wrote the strategy needs the whole story.
            terminal.Error.WriteLine($"{Name}: a strategy of --with failed: {e}");
            return ExitCodes.Failed;
        }
        catch (Exception e)
        {
            // Not the user's doing: whoever reports it needs the whole story.
            terminal.Error.WriteLine($"{Name}: internal error, please report it: {e}");
            return ExitCodes.Failed;
        }
    }

    private static string Message(Exception e) => OneLine(
        e is IOException or UnauthorizedAccessException && !Failure.IsFromHere(e) && Failure.PathOf(e) is { } path ? $"{path}: {Failure.Reason(e)}"
        : e is IOException && Failure.IsFromHere(e) ? e.Message : Failure.Reason(e));

    private static int Refuse(ParseResult parsed, string problem, Terminal terminal)
    {
        var command = parsed.CommandResult.Command;
        var where = command is RootCommand ? Name : $"{Name} {command.Name}";
        terminal.Error.WriteLine($"{Name}: {OneLine(problem)}; see {where} --help");
        return ExitCodes.BadInput;
    }
}
