using System.CommandLine;
using System.Globalization;
using CrossModal.Datasets;
using CrossModal.Engine.Formats;
using CrossModal.Training;

namespace CrossModal.Cli.Hosting;

/// <summary>
/// A command of the tool: options and <see cref="Run"/>. The frame adds <c>--json</c>, prints examples below the help, and turns
/// exceptions about input into one line and exit code 2.
/// </summary>
internal abstract class ToolCommand : Command
{
    private readonly Option<string?> _json;
    private readonly List<(Option Option, Func<CommandContext, string> Value)> _values = [];

    /// <summary>Makes the command.</summary>
    /// <param name="name">The word after <c>crossmodal</c>.</param>
    /// <param name="description">What it does, in a line.</param>
    /// <param name="examples">At least one whole command line.</param>
    protected ToolCommand(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
        _json = new Option<string?>("--json") { Description = "Write the result to this file as JSON", HelpName = "file" };
        RefuseEmpty(_json);
        Options.Add(_json);
    }

    /// <summary>Command lines shown below the help.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Option of assemblies with strategies of one's own; null for a command that makes no strategy.</summary>
    internal Option<string[]>? With { get; private set; }

    /// <summary>Lines shown below the options, such as a list of choices.</summary>
    public virtual IEnumerable<string> Notes => [];

    /// <summary>Whether it ends only when it is asked to stop, which is then no failure.</summary>
    protected virtual bool RunsUntilStopped => false;

    /// <summary>Whether processes that were started together share its work out.</summary>
    protected virtual bool RunsOnRanks => false;

    /// <summary>Does the work.</summary>
    /// <param name="context">Options, output, the sign to stop, the result.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    protected abstract int Run(CommandContext context);

    /// <summary>Runs, then writes the result where <c>--json</c> says.</summary>
    internal int Execute(CommandContext context)
    {
        var path = context.Get(_json);
        if (RunsOnRanks) context.Join();
        if (path is not null && context.IsFirst) OutputPath.CheckFile(path);
        var exit = Run(context);
        if (!RunsUntilStopped) context.Stop.ThrowIfCancellationRequested();
        if (path is not null && context.IsFirst) AtomicFile.Write(path, stream => ResultFile.Write(stream, Name, exit, context.Result));
        return exit;
    }

    /// <summary>Adds <c>--restart</c>, for commands that go on with what they find in <c>--out</c>.</summary>
    protected Option<bool> AddRestart() => AddFlag("--restart",
        "Begin anew: first remove what an earlier run left in --out, which else goes on if it was made by the same options and data and " +
        "is refused if not");

    /// <summary>Describes a run by the values of all options but those that change nothing of its weights.</summary>
    protected RunDescription Describe(CommandContext context, params IReadOnlyCollection<Option> free)
    {
        var description = new RunDescription(Name);
        foreach (var (option, value) in _values)
            if (!free.Contains(option)) description.Set(option.Name, value(context));
        return description;
    }

    /// <summary>Adds an option that takes text, such as a path.</summary>
    protected Option<string?> AddText(string name, string description, string helpName, bool required = false, string? byDefault = null)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName, Required = required };
        if (byDefault is not null) option.DefaultValueFactory = _ => byDefault;
        RefuseEmpty(option);
        return Add(option);
    }

    /// <summary>Adds <c>--with</c>, for commands that make strategies: what it names is loaded before any other option is parsed.</summary>
    protected void AddWith()
    {
        const string Name = "--with";
        With = AddTexts(Name,
            "Also strategies of your own, an assembly with public static properties of the type StrategyDescription; or " +
            "CrossModal.OnnxRuntime.dll, for vision encoders in ONNX files", "file.dll");

        // What counts is the code, wherever it lies.
        var at = _values.FindIndex(v => v.Option == With);
        _values[at] = (With, context => context.Get(With) is { Length: > 0 } files
            ? string.Join(' ', files.Select(StrategyAssembly.Describe)) : Text<string?>(null));
    }

    /// <summary>Adds <c>--instructions</c>, the language of instructions.</summary>
    protected Option<string?> AddInstructions(string description, string? byDefault = null) =>
        Among(AddText(InstructionOption.Name, description, "language", byDefault: byDefault), () => InstructionOption.Names);

    /// <summary>Adds an option that takes several texts: <c>--vision a.npy b.npy</c>.</summary>
    protected Option<string[]> AddTexts(string name, string description, string helpName, bool required = false)
    {
        var option = new Option<string[]>(name)
        {
            Description = description,
            HelpName = helpName,
            Required = required,
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
        };
        RefuseEmpty(option);
        return Add(option);
    }

    /// <summary>Makes an option take names that there are, and no others.</summary>
    /// <typeparam name="T">What the option gives.</typeparam>
    /// <param name="option">The option.</param>
    /// <param name="known">The names, asked for when one is given.</param>
    /// <param name="anyCase">Whether small and capital letters are the same.</param>
    protected static Option<T> Among<T>(Option<T> option, Func<IReadOnlyCollection<string>> known, bool anyCase = false)
    {
        var comparer = anyCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
        Validate(option, text => known().Contains(text, comparer) ? null : $"{option.Name}: {Choice.Unknown(text, known())}");
        return option;
    }

    /// <summary>Makes an option take what can be read, and no other text.</summary>
    /// <param name="option">The option.</param>
    /// <param name="read">Reads a text, or says in an exception why it cannot.</param>
    protected static Option<string?> Read(Option<string?> option, Action<string> read)
    {
        Validate(option, text =>
        {
            try
            {
                read(text);
                return null;
            }
            catch (ArgumentException error)
            {
                return $"{option.Name}: {Failure.Reason(error)}";
            }
        });
        return option;
    }

    /// <summary>Adds an option that takes a whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    protected Option<int> AddWhole(string name, string description, int byDefault, int least = 0, int most = int.MaxValue)
    {
        var rule = most == int.MaxValue ? $"must be at least {least}" : $"must be {least} to {most}";
        return AddParsed(name, description, "n", byDefault, "a whole number", v => v >= least && v <= most ? null : rule);
    }

    /// <summary>Adds an option that takes a number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    protected Option<double> AddNumber(
        string name, string description, double byDefault, double least = double.NegativeInfinity, double most = double.PositiveInfinity)
    {
        var rule = (double.IsFinite(least), double.IsFinite(most)) switch
        {
            (false, false) => "must be finite",
            (true, false) => FormattableString.Invariant($"must be at least {least}"),
            _ => FormattableString.Invariant($"must be {least} to {most}"),
        };
        return AddParsed(name, description, "x", byDefault, "a number", v => double.IsFinite(v) && v >= least && v <= most ? null : rule);
    }

    /// <summary>Adds an option without a value.</summary>
    protected Option<bool> AddFlag(string name, string description) => Add(new Option<bool>(name)
    {
        Description = description,
        CustomParser = result =>
        {
            if (result.Tokens.Count == 0) return true;
            if (!bool.TryParse(result.Tokens[^1].Value, out var value))
                result.AddError($"{name} takes no value, got '{result.Tokens[^1].Value}'");
            return value;
        },
    });

    /// <summary>Adds the options of the attention to visual tokens and of token reduction.</summary>
    protected VisualTokenOptions AddVisualTokenOptions() => new(
        Read(AddText("--attention-variant", VisualTokenOptions.AttentionHelp, "NAME[:k]"), VisualTokenOptions.CheckAttention),
        Read(AddText("--visual-tokens", VisualTokenOptions.TokensHelp, "METHOD:N"), VisualTokenOptions.CheckTokens));

    /// <summary>Adds the options that choose what of a data set is taken.</summary>
    protected DataOptions AddDataOptions() => new(
        AddTexts("--cameras", "Cameras to take, by their names in the data set; its only one unless given", "name"),
        AddTexts("--action", "Numbers that are the action, by their names in the data set; those known to be unless given", "name"),
        AddTexts("--state",
            $"Numbers that are the robot's state, by their names in the data set, or {DataChoice.NoState}; those known to be unless given",
            "name"),
        AddText("--instruction", "Instruction of episodes that have none of their own", "text"));

    /// <summary>Adds <c>--text-encoder</c>.</summary>
    protected Option<string?> AddTextEncoder() => AddText("--text-encoder",
        "Folder of a published text encoder, BERT (as all-MiniLM-L6-v2) or CLIP, whose states the policy's words have instead of learned " +
        "vectors; it stays as it is", "folder");

    /// <summary>Adds the options of pretrained encoders.</summary>
    protected EncoderOptions AddEncoders() => new(
        AddTextEncoder(),
        AddFlag("--tune-text", "Also train the text encoder (BERT), at a fiftieth of the learning rate"),
        AddText("--vision-encoder",
            "Frozen encoder of the pictures of recordings: a folder of CLIP or ViLT, or FILE.onnx[:value] of a feature map or a sequence " +
            "(with --with CrossModal.OnnxRuntime.dll)", "file"),
        AddText("--vision-size", "Side of its pictures in pixels; what its files say unless given", "n"),
        AddText("--vision-mean", "Means of red, green and blue, 0 to 1, as 0.485,0.456,0.406; what its files say unless given", "r,g,b"),
        AddText("--vision-std", "Deviations of red, green and blue; what its files say unless given", "r,g,b"));

    /// <summary>Adds <c>--shards</c>, for commands that train.</summary>
    protected Option<int> AddShards(string note) => AddWhole("--shards",
        "Parts that a batch is divided into, summed in their order; another number rounds differently. Ranks of mpirun or srun divide it; " +
        $"0 takes {note} and at least one for each rank, or what the run that goes on has", 0, least: 0, most: TrainingBatch.MostShards);

    /// <summary>Adds the options of a policy's sizes.</summary>
    protected PolicySizeOptions AddPolicySizes() => new(
        AddWhole("--layers", "Layers of the strategy", 4, least: 1, most: 64),
        AddWhole("--heads", "Heads of each attention; divide --dim", 4, least: 1, most: 256),
        AddWhole("--dim", "Width of all tokens; divisible by 4", 64, least: 4, most: 4096),
        AddWhole("--latents", "Latents of a Perceiver", 16, least: 1, most: 4096));

    /// <summary>Adds <c>--seed</c>.</summary>
    protected Option<ulong> AddSeed(ulong byDefault = 1) => AddParsed(
        "--seed", "Seed of everything random; the same seed gives the same result on processors with vectors of the same width", "n",
            byDefault, "a whole number from 0", _ => null);

    private static void RefuseEmpty(Option option) =>
        Validate(option, text => text.Length == 0 || text.Contains('\0', StringComparison.Ordinal)
            ? $"{option.Name}: '{text}' is no {option.HelpName}" : null);

    private static void Validate(Option option, Func<string, string?> fault) => option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (fault(token.Value) is not { } problem) continue;
            result.AddError(problem);
            return;
        }
    });

    private Option<T> AddParsed<T>(string name, string description, string helpName, T byDefault, string kind, Func<T, string?> fault)
        where T : ISpanParsable<T> => Add(new Option<T>(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = _ => byDefault,
            CustomParser = result =>
            {
                var text = result.Tokens[^1].Value;
                if (!T.TryParse(text, CultureInfo.InvariantCulture, out var value)) result.AddError($"{name}: '{text}' is not {kind}");
                else if (fault(value) is { } rule) result.AddError($"{name} {rule}, got {text}");
                return value;
            },
        });

    private Option<T> Add<T>(Option<T> option)
    {
        // --json stays last in the help.
        Options.Insert(Options.Count - 1, option);
        _values.Add((option, context => Text(context.Get(option))));
        return option;
    }

    private static string Text<T>(T value) => value switch
    {
        null => "none",
        bool flag => flag ? "yes" : "no",
        string[] texts => texts.Length == 0 ? "none" : string.Join(' ', texts),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
