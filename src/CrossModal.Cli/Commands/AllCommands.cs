using CrossModal.Cli.Hosting;

namespace CrossModal.Cli.Commands;

/// <summary>The commands of the <c>crossmodal</c> tool.</summary>
internal static class AllCommands
{
    /// <summary>What the tool is called.</summary>
    public const string ToolName = "crossmodal";

    private const string Description =
        "Fuse language and vision by attention, draw the attention weights of each word, and run the result.";

    // Making a command loads what its options are about, so that only the one that is called is made.
    private static readonly (string Word, Func<ToolCommand> Make)[] Known =
    [
        (DemoCommand.Word, () => new DemoCommand()),
        (PretrainCommand.Word, () => new PretrainCommand()),
        (TrainCommand.Word, () => new TrainCommand()),
        (EvaluateCommand.Word, () => new EvaluateCommand()),
        (CompareCommand.Word, () => new CompareCommand()),
        (RunCommand.Word, () => new RunCommand()),
        (AttendCommand.Word, () => new AttendCommand()),
        (FuseCommand.Word, () => new FuseCommand()),
        (ReportCommand.Word, () => new ReportCommand()),
        (ExportCommand.Word, () => new ExportCommand()),
        (DataCommand.Word, () => new DataCommand()),
        (FaithfulnessCommand.Word, () => new FaithfulnessCommand()),
        (DoctorCommand.Word, () => new DoctorCommand()),
#if SERVER
        (ServeCommand.Word, () => new ServeCommand()),
        (ViewCommand.Word, () => new ViewCommand()),
#endif
        (AssertCommand.Word, () => new AssertCommand()),
        (MonitorCommand.Word, () => new MonitorCommand()),
    ];

    /// <summary>The tool for a command line.</summary>
    /// <param name="args">The arguments, without the tool's name.</param>
    public static Tool Tool(IReadOnlyList<string> args) =>
        Tool(Known.FirstOrDefault(c => c.Word == args.FirstOrDefault()).Make is { } make ? [make()] : List());

    /// <summary>The tool with some commands.</summary>
    public static Tool Tool(IEnumerable<ToolCommand> commands) => new(ToolName, Description, DemoCommand.Word, commands);

    /// <summary>Every command.</summary>
    public static IReadOnlyList<ToolCommand> List() => [.. Known.Select(c => c.Make())];
}
