using System.CommandLine;
using System.Text.Json.Nodes;
using CrossModal.Cli.Texts;
using CrossModal.Engine.Tensors;
using CrossModal.Training;

namespace CrossModal.Cli.Hosting;

/// <summary>What a command is given when it runs: its options, where to write, when to stop, and the result that <c>--json</c>
/// saves.</summary>
internal sealed class CommandContext
{
    /// <summary>Options that decide the sizes of a strategy and of what it is given.</summary>
    private static readonly HashSet<string> Sizes =
        ["--strategy", "--layers", "--heads", "--dim", "--latents", "--attention-variant", "--visual-tokens", "--past-frames", "--grid",
        "--views", "--camera", "--cameras", "--image-size"];

    private readonly StringWriter _errors = new();
    private readonly CancellationTokenSource _stop;
    private readonly string _tool;
    private readonly ParseResult _parsed;

    /// <summary>Made by the frame.</summary>
    public CommandContext(string tool, ParseResult parsed, Terminal terminal, CancellationToken stop,
        ToolLanguage language = ToolLanguage.English)
    {
        _tool = tool;
        _parsed = parsed;
        Terminal = terminal;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Stop = _stop.Token;
        Language = language;
    }

    /// <summary>The language of messages and reports.</summary>
    public ToolLanguage Language { get; }

    /// <summary>Where to write; of many ranks the first alone does.</summary>
    public Terminal Terminal { get; private set; }

    /// <summary>The processes that share this command out; null for this one alone.</summary>
    public TrainingRanks? Ranks { get; private set; }

    /// <summary>Whether this process writes files: it does everything alone, or is the first of many.</summary>
    public bool IsFirst => Ranks is null or { Rank: 0 };

    /// <summary>Connects this process with those that were started with it, if any were.</summary>
    /// <exception cref="IOException">They cannot be connected; the message says what to do.</exception>
    public void Join()
    {
        var (texts, error) = (new ErrorTexts(Language), Terminal.Error);
        Ranks = StartedTogether.Connect((rank, place, why) => error.WriteLine(why is { Length: > 0 }
            ? $"{why} ({texts.Rank(rank, place)})" : $"{_tool}: {texts.RankEnded(rank, place)}"));
        if (!IsFirst) Terminal = new Terminal(TextWriter.Null, _errors);
    }

    /// <summary>Makes the folder of a run this command's; of many ranks the first does.</summary>
    public RunFolder Take(string folder, RunDescription description, bool restart) =>
        IsFirst ? RunFolder.Take(folder, description, restart) : RunFolder.Follow(folder, description);

    /// <summary>Stops this process, as another rank was asked to.</summary>
    public void StopHere() => _stop.Cancel();

    /// <summary>Ends the connection with the others: together, or all at once when something went wrong.</summary>
    public void Leave(int exitCode)
    {
        if (exitCode == ExitCodes.Success) Ranks?.Finish();
        else Ranks?.Fail(exitCode, $"{_errors}".Trim());
    }

    /// <summary>Asks the command to stop; it answers with an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Stop { get; }

    /// <summary>The result as <c>--json</c> saves it; what is not a finite number must be null (<see cref="Number"/>).</summary>
    public JsonObject Result { get; } = [];

    /// <summary>The command as it was given, to be run again.</summary>
    public string CommandLine => CommandLineWithout();

    /// <summary>The same without some options and what was given for them.</summary>
    /// <param name="names">Names of the options.</param>
    public string CommandLineWithout(params ReadOnlySpan<string> names) => $"{_tool} {Shell(ArgumentsWithout(names))}";

    /// <summary>The arguments without some options and what was given for them.</summary>
    /// <param name="names">Names of the options.</param>
    public IReadOnlyList<string> ArgumentsWithout(params ReadOnlySpan<string> names)
    {
        var kept = new List<string>();
        for (var i = 0; i < _parsed.Tokens.Count; i++)
        {
            var token = _parsed.Tokens[i].Value;
            if (!names.Contains(token)) kept.Add(token);
            else if (_parsed.CommandResult.Command.Options.FirstOrDefault(o => o.Name == token) is { } option)
                i += _parsed.GetResult(option)?.Tokens.Count ?? 0;
        }

        return kept;
    }

    /// <summary>A command line for a shell.</summary>
    public static string Shell(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    /// <summary>The value of an option.</summary>
    public T Get<T>(Option<T> option) => _parsed.GetValue(option)!;

    /// <summary>The value of an argument; null when it was not given.</summary>
    public T? Get<T>(Argument<T> argument) => _parsed.GetValue(argument);

    /// <summary>Whether an option was given, rather than left at its default.</summary>
    public bool IsGiven(Option option) => _parsed.GetResult(option) is { Implicit: false };

    /// <summary>Makes sure that no option was given that means nothing beside another.</summary>
    /// <exception cref="UsageException">One was.</exception>
    public void RefuseWith(Option beside, params ReadOnlySpan<Option> others)
    {
        foreach (var option in others)
            if (IsGiven(option)) throw new UsageException($"{option.Name} means nothing with {beside.Name}");
    }

    /// <summary>Makes something of the sizes that options gave; for one that does not suit the others the error names the
    /// options.</summary>
    /// <exception cref="UsageException">A size does not suit.</exception>
    public T Sized<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ShapeException error)
        {
            var given = _parsed.CommandResult.Command.Options.Where(o => Sizes.Contains(o.Name) && IsGiven(o))
                .Select(o => $"{o.Name} {string.Join(' ', _parsed.GetResult(o)!.Tokens.Select(t => t.Value))}");
            throw new UsageException($"{string.Join(' ', given.DefaultIfEmpty("the sizes"))}: {error.Reason}", error);
        }
    }

    /// <summary>Writes a line of output.</summary>
    public void Print(string line) => Terminal.Output.WriteLine(line);

    /// <summary>Writes a line to the error output.</summary>
    public void Warn(string line)
    {
        if (IsFirst) Terminal.Error.WriteLine($"{_tool}: {new ErrorTexts(Language).Warning(Tool.OneLine(line))}");
    }

    /// <summary>A number in a result: JSON knows neither NaN nor infinity, which become null.</summary>
    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or ',' or '=' or '+')
            ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
