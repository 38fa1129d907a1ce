using System.CommandLine;
using CrossModal.Cli.Data;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Datasets;

namespace CrossModal.Cli.Commands;

/// <summary><c>crossmodal data</c>: describes, converts or draws a data set of recordings, whatever its format.</summary>
internal sealed class DataCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "data";

    private const string Info = "info";
    private const string Convert = "convert";
    private const string View = "view";
    private const string Folders = "folders";
    private const string LeRobot = "lerobot";
    private readonly Argument<string?> _what;
    private readonly Argument<string?> _path;
    private readonly Option<string?> _to;
    private readonly Option<string?> _out;
    private readonly DataOptions _choice;
    private readonly Option<double> _rate;
    private readonly Option<bool> _video;

    /// <summary>Makes the command.</summary>
    public DataCommand()
        : base(Word, "Say what a data set of recordings holds (info), convert it (convert), or draw its films and actions on a page (view)",
            "crossmodal data info my_data", "crossmodal data convert my_data --to lerobot --out my_lerobot",
                "crossmodal data view my_data --out my_data.html")
    {
        Arguments.Add(_what = new Argument<string?>("what")
        {
            Description = $"{Info}, {Convert} or {View}",
            Arity = ArgumentArity.ZeroOrOne,
        });
        Arguments.Add(_path = new Argument<string?>("path")
        {
            Description = "The data set: a folder, or a file of HDF5 or TFRecord",
            Arity = ArgumentArity.ZeroOrOne,
        });
        _to = Among(AddText(
            "--to", $"What to convert to: {Folders} (episode_000/ with PNG and .npy) or {LeRobot} (LeRobot v3.0, pictures in the tables)",
            "format"), () => [Folders, LeRobot]);
        _out = AddText("--out", "The new folder of convert, or the page of view", "path");
        _choice = AddDataOptions();
        _rate = AddNumber("--rate", "Steps a second, in Hz, where the data set does not say; 0 takes what it says", 0, least: 0, most: 1e6);
        _video = AddFlag("--video",
            $"Write the pictures of {LeRobot} as videos, by an installed ffmpeg: smaller, and no longer equal to what was read");
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Notes => ["What is read:", .. Recordings.Formats.Split("), ").Select(f => $"  {f.TrimEnd(')')})")];

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var what = context.Get(_what) ?? throw new UsageException($"data needs {Info}, {Convert} or {View}");
        if (what is not (Info or Convert or View)) throw new UsageException($"data: {Choice.Unknown(what, [Info, Convert, View])}");
        var path = context.Get(_path) is { Length: > 0 } given && !given.Contains('\0', StringComparison.Ordinal) ? given
            : throw new UsageException($"data {what} needs the path of a data set");
        switch (what)
        {
            case Info:
                RefuseWith(what, context, [_to, _out, _rate, _video, .. _choice.All]);
                using (var source = Recordings.Open(path)) new DataDescription(source).Print(context);
                break;
            case Convert:
                ConvertTo(context, path);
                break;
            default:
                RefuseWith(what, context, [_to, _rate, _video, .. _choice.All]);
                var page = Out(context, what);
                OutputPath.CheckFile(page);
                using (var source = Recordings.Open(path))
                    new DataPage(source, context.Language).Build(context.CommandLine, context.Stop).Save(page);
                context.Print(new DataTexts(context.Language).Page(page));
                context.Result["page"] = page;
                break;
        }

        return ExitCodes.Success;
    }

    private static void RefuseWith(string what, CommandContext context, Option[] options)
    {
        foreach (var option in options)
            if (context.IsGiven(option)) throw new UsageException($"{option.Name} means nothing with data {what}");
    }

    private string Out(CommandContext context, string what) => context.Get(_out) ?? throw new UsageException($"data {what} needs --out");

    private void ConvertTo(CommandContext context, string path)
    {
        var (to, folder) = (context.Get(_to) ?? throw new UsageException($"data {Convert} needs --to {Folders} or --to {LeRobot}"),
            Out(context, Convert));
        if (context.Get(_video) && to != LeRobot) throw new UsageException($"--video means nothing with --to {to}");
        OutputPath.CheckFolder(folder);
        using var source = Recordings.Open(path);
        var choice = _choice.Choose(context, source);
        var episodes = choice.Episodes(source);
        if (episodes.Count < source.Episodes.Count) context.Warn(
            $"{source.Episodes.Count - episodes.Count} of {source.Episodes.Count} episodes have no pictures of {string.Join(" and ", choice.Cameras)} and are left out");
        var rate = context.IsGiven(_rate) && context.Get(_rate) > 0 ? context.Get(_rate) : source.Rate;
        if (to == LeRobot) LeRobotWriter.Write(source, choice, folder, rate, context.Get(_video), cancellation: context.Stop);
        else FolderWriter.Write(source, choice, folder, rate, cancellation: context.Stop);
        context.Print($"{source.Format}: {episodes.Count} episodes, {episodes.Sum(e => (long)e.Length)} steps, cameras {string.Join(", ", choice.Cameras)}: written to {folder}");
        if (context.Get(_video)) context.Warn("the videos lost detail: their pictures are near those that were read, not equal to them");
        context.Result["episodes"] = episodes.Count;
        context.Result["steps"] = episodes.Sum(e => (long)e.Length);
        context.Result["folder"] = folder;
    }
}
