using System.CommandLine;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Cli.Viewing;
using CrossModal.Data;
using CrossModal.Datasets;
using CrossModal.Policies;
using CrossModal.Server.Viewing;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal view</c>: a page on this machine that shows episodes, and how words, maps and actions of a policy belong
/// together in them.</summary>
internal sealed class ViewCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "view";

    private const string Tabletop = "tabletop/";
    private readonly Argument<string?> _path;
    private readonly Option<string?> _checkpoint;
    private readonly Option<string?> _against;
    private readonly Option<int> _port;
    private readonly Option<string[]> _tasks;
    private readonly Option<int> _episodes;
    private readonly Option<ulong> _seed;
    private readonly DataOptions _choice;
    private readonly Option<bool> _check;

    /// <summary>Makes the command.</summary>
    public ViewCommand()
        : base(Word, "Show episodes in a browser: words and their maps over the cameras, actions, monitor, faithfulness",
            "crossmodal view runs/demo", "crossmodal view runs/demo --against runs/other",
                "crossmodal view my_data --checkpoint runs/recorded")
    {
        Arguments.Add(_path = new Argument<string?>("path")
        {
            Description = "The folder of a policy trained on the tabletop, which then acts in new episodes; or a data set of recordings",
            Arity = ArgumentArity.ZeroOrOne,
        });
        AddWith();
        _checkpoint = AddText("--checkpoint", "Folder of the policy that explains a data set; it shows recordings alone unless given",
            "folder");
        _against = AddText("--against", "Folder of another policy, shown beside the first on the same pictures", "folder");
        _port = AddWhole("--port", "Port on this machine; 0 takes a free one", 8001, least: 0, most: ushort.MaxValue);
        _tasks = Among(AddTexts("--task", "Tasks on the tabletop, or all; those it was trained on unless given", "task"), () =>
            TabletopNames.OfTasks, anyCase: true);
        _episodes = AddWhole("--episodes", "Episodes of each task on the tabletop", 6, least: 1, most: 100);
        _seed = AddSeed();
        _choice = AddDataOptions();
        _check = AddFlag("--check", "Load everything, say what would be shown, and end");
    }

    /// <inheritdoc/>
    protected override bool RunsUntilStopped => true;

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var path = context.Get(_path) is { Length: > 0 } given && !given.Contains('\0', StringComparison.Ordinal) ? given
            : throw new UsageException($"{Word} needs the folder of a trained policy, or a data set");
        return PolicyFolder.IsPolicy(path) ? OfPolicy(context, path) : OfData(context, path);
    }

    private int OfPolicy(CommandContext context, string path)
    {
        foreach (var option in (Option[])[_checkpoint, .. _choice.All])
            if (context.IsGiven(option)) throw new UsageException($"{option.Name} means nothing with the folder of a policy");
        var trained = PolicyFolder.Load(path);
        if (!trained.Source.StartsWith(Tabletop, StringComparison.Ordinal))
            throw new UsageException($"{path} was trained on {trained.Source}: give the data set, and the policy with --checkpoint");
        var tasks = TabletopNames.Tasks(context.Get(_tasks) is { Length: > 0 } given ? given : trained.Source[Tabletop.Length..].Split('+'));
        using var source = new TabletopEpisodes(trained, tasks, context.Get(_episodes), context.Get(_seed), NameOf(path));
        using var policies = Policies(context, path, trained);
        return Show(context, source, policies);
    }

    private int OfData(CommandContext context, string path)
    {
        foreach (var option in (Option[])[_tasks, _episodes, _seed])
            if (context.IsGiven(option)) throw new UsageException($"{option.Name} means nothing with a data set");
        var checkpoint = context.Get(_checkpoint);
        if (checkpoint is null && context.IsGiven(_against)) throw new UsageException("--against needs --checkpoint");
        using var recordings = Recordings.Open(path);
        if (checkpoint is null)
        {
            context.Warn(new ViewTexts(context.Language).NoPolicy);
            using var none = new FixedPolicies();
            using var alone = new RecordedEpisodes(recordings, _choice.All.Any(context.IsGiven) ? _choice.Choose(context, recordings)
                : Everything(recordings));
            return Show(context, alone, none);
        }

        var trained = PolicyFolder.Load(checkpoint);
        var choice = Choose(context, recordings, DataChoiceFile.Find(FolderOf(checkpoint)));
        Fits(recordings, choice, trained, checkpoint);
        using var policies = Policies(context, checkpoint, trained);
        using var source = new RecordedEpisodes(recordings, choice, trained.Signature.Cameras);
        return Show(context, source, policies);
    }

    private int Show(CommandContext context, IEpisodeSource source, FixedPolicies policies)
    {
        var texts = new ViewTexts(context.Language);
        var count = source.List().Count;
        context.Print(texts.Episodes(count, source.Title));
        context.Result["episodes"] = count;
        if (context.Get(_check)) return ExitCodes.Success;
        Serve(context, texts, source, policies).GetAwaiter().GetResult();
        return ExitCodes.Success;
    }

    private async Task Serve(CommandContext context, ViewTexts texts, IEpisodeSource source, FixedPolicies policies)
    {
        await using var server = await ViewServer.StartAsync(source, policies, context.Get(_port), context.Language.Tag(), context.Stop)
            .ConfigureAwait(false);
        context.Print(texts.Open(server.Address.ToString()));
        context.Print(texts.Stop);
        context.Result["address"] = server.Address.ToString();
        await Task.Delay(Timeout.Infinite, context.Stop).ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
    }

    /// <summary>The policy, and the one beside it, which must take and give the same.</summary>
    private FixedPolicies Policies(CommandContext context, string path, TrainedPolicy trained)
    {
        if (context.Get(_against) is not { } against) return new FixedPolicies(new ViewedPolicy(NameOf(path), trained));
        var other = PolicyFolder.Load(against);
        var (a, b) = (trained.Signature, other.Signature);
        if (!a.Cameras.SequenceEqual(b.Cameras) || !Names(a.Actions).SequenceEqual(Names(b.Actions))
            || !Names(a.States).SequenceEqual(Names(b.States)))
            throw new UsageException($"--against: {against} has other cameras, states or actions than {path}");
        var (first, second) = (NameOf(path), NameOf(against));
        return new FixedPolicies(new ViewedPolicy(first == second ? $"{first} A" : first, trained),
            new ViewedPolicy(first == second ? $"{second} B" : second, other));

        static IEnumerable<string> Names(IReadOnlyList<Quantity> quantities) => quantities.Select(q => q.Name);
    }

    /// <summary>What was asked for, completed by what was taken before and by what the data set says.</summary>
    private DataChoice Choose(CommandContext context, RecordingSource source, DataChoice? before)
    {
        if (before is null || _choice.All.Any(context.IsGiven)) return _choice.Choose(context, source);
        return DataChoice.Of(source, before.Cameras, before.Action, before.State.Count == 0 ? [DataChoice.NoState] : before.State,
            before.Instruction);
    }

    private static DataChoice Everything(RecordingSource source) => source.Cameras.Count > 0
        ? new DataChoice([.. source.Cameras.Select(c => c.Name)], source.Action, source.State)
        : throw new UsageException($"{source.Path} has no pictures to show");

    private static void Fits(RecordingSource source, DataChoice choice, TrainedPolicy trained, string checkpoint)
    {
        var (cameras, states) = (trained.Signature.Cameras.Count, trained.Signature.States.Count);
        var given = choice.State.Count == 0 ? 0 : source.Quantities(choice.State).Count;
        if (choice.Cameras.Count != cameras)
            throw new UsageException($"{checkpoint} takes {cameras} cameras, of {source.Path} {choice.Cameras.Count} are taken: choose with --cameras");
        if (given != states)
            throw new UsageException($"{checkpoint} takes a state of {states} numbers, of {source.Path} {given} are taken: choose with --state");
    }

    private static string FolderOf(string checkpoint) => Path.GetDirectoryName(Path.GetFullPath(PolicyFolder.WeightsPath(checkpoint)))!;

    private static string NameOf(string checkpoint) => Path.GetFileName(FolderOf(checkpoint));
}
