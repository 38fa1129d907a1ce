using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using CrossModal.Checkpoints;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Engine.Formats;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Cli.Commands;

/// <summary>Draws the attention weights of each word of an instruction over a photograph.</summary>
internal sealed class AttendCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "attend";

    private const string SharpestLayer = "sharpest";
    private const string LastLayer = "last";
    private const string AllLayers = "all";
    private const string MeanHead = "mean";
    private const string Raw = "raw";

    private readonly Option<string?> _checkpoint;
    private readonly Option<string?> _model;
    private readonly Option<string[]> _image;
    private readonly Option<string?> _instruction;
    private readonly Option<string?> _layer;
    private readonly Option<string?> _head;
    private readonly Option<string?> _method;
    private readonly Option<string?> _target;
    private readonly Option<bool> _faithfulness;
    private readonly Option<string?> _keepPerturbed;
    private readonly Option<int> _top;
    private readonly Option<string?> _proprioception;
    private readonly Option<string?> _out;

    /// <summary>Makes the command.</summary>
    public AttendCommand()
        : base(Word, "Draw the attention weights of each word of an instruction over a photograph.",
            "crossmodal attend --checkpoint runs/pick --image photo.png --instruction \"pick up the red cup\"",
            "crossmodal attend --model blip-itm-base-coco --image photo.jpg --instruction \"the red cup\"")
    {
        _checkpoint = AddText("--checkpoint", "Folder of a trained policy", "folder");
        AddWith();
        _model = AddText("--model",
            "Folder of a published checkpoint in its place: CLIP, BLIP image-text matching or ViLT, as downloaded (config.json, " +
            "model.safetensors, tokenizer, preprocessor_config.json)", "folder");
        _image = AddTexts("--image",
            "Photograph of any size (PNG; JPEG where libturbojpeg is installed), fitted into a policy's square without stretching, or " +
            "prepared as a published model's files say; one for each camera of a policy, in its order", "file");
        _instruction = AddText("--instruction", "The instruction", "text");
        _layer = AddText("--layer",
            "Name of an attention layer, 'sharpest' (least spread over the picture), 'last' or 'all'; BLIP's is shown with its " +
            "gradient-weighted form", "name", byDefault: SharpestLayer);
        _head = AddText("--head", "Number of one head, from 0, or 'mean'", "n", byDefault: MeanHead);
        _method = AddText("--method",
            $"Method of explanation of a policy's decision: {string.Join(", ", MapMethods.Names)}; unless given the one that was measured " +
            $"to be most faithful for the strategy, or {Raw} with --layer or --head", "name");
        _target = AddText("--target",
            "What of a policy's action is explained: direction, gripper, or the name of a number of it with + or - before it", "part",
            byDefault: "direction");
        _faithfulness = AddFlag("--faithfulness",
            "Measure whether a policy's maps are faithful with every point and baseline, and print those; otherwise with half of them. A " +
            "map no better than chance is drawn in grey and says so");
        _keepPerturbed = AddText("--keep-perturbed",
            "Folder for the pictures by which that is measured: patches taken away in the order of each map", "folder");
        _top = AddWhole("--top", "How many patches to list for each word", byDefault: 5, least: 1, most: 1000);
        _proprioception = AddText("--proprioception", "The robot's proprioception: numbers with commas between, or a .npy file", "x,y,…");
        _out = AddText("--out", $"Folder for pictures of every word and {AttendPictures.PageName}", "folder", byDefault: "runs/attend");
    }

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        var (folder, published) = (context.Get(_checkpoint), context.Get(_model));
        if (folder is null && published is null) throw new UsageException("attend needs --checkpoint or --model");
        if (published is not null)
            context.RefuseWith(_model, _checkpoint, _proprioception, _method, _target, _faithfulness, _keepPerturbed);
        var images = context.Get(_image) is { Length: > 0 } given ? given : throw new UsageException("attend needs --image");
        if (published is not null && images.Length > 1)
            throw new UsageException($"--image: a published model takes one picture, got {images.Length}");
        var instruction = Needed(context.Get(_instruction), "--instruction");
        var target = context.Get(_out)!;
        OutputPath.CheckFolder(target);
        var perturbed = context.Get(_keepPerturbed) is { } kept ? new PerturbedPictures(kept) : null;
        if (perturbed is not null) OutputPath.CheckFolder(context.Get(_keepPerturbed)!);

        var results = published is not null
            ? [AttentionResult.Compute(PublishedModel.Load(published), Picture.Read(images[0], RgbConversion.Pillow), instruction)]
            : Policy(context, folder!, images, instruction, perturbed);
        var (result, texts) = (results[0], new AttendTexts(context.Language));
        if (result.Unknown.Count > 0) context.Warn(texts.Unknown(published is null, result.Unknown));
        if (result.Dropped > 0) context.Warn(texts.Dropped(result.Dropped));

        var views = results.SelectMany(l => Views(context, l, perturbed)).ToList();
        var written = Write(context, views, instruction, target);
        if (perturbed is not null) context.Print(texts.WrotePerturbed(perturbed.Count, context.Get(_keepPerturbed)!));
        context.Result["instruction"] = instruction;
        context.Result["words"] = new JsonArray([.. result.Words.Select(w => (JsonNode)w)]);
        context.Result["unknown"] = new JsonArray([.. result.Unknown.Select(w => (JsonNode)w)]);
        if (result.Action is { } action) context.Result["action"] = new JsonArray([.. action.Select(a => CommandContext.Number(a))]);
        if (result.Score is { } score)
        {
            context.Print(string.Create(CultureInfo.InvariantCulture, $"{score.Meaning}: {score.Value:0.000}"));
            context.Result["score"] = new JsonObject { ["meaning"] = score.Meaning, ["value"] = CommandContext.Number(score.Value) };
        }

        context.Result["layers"] = new JsonArray([.. views.Select(v => Describe(v, context.Get(_top)))]);
        context.Result["files"] = new JsonArray([.. written.Select(f => (JsonNode)f)]);
        return ExitCodes.Success;
    }

    /// <summary>The method asked for, or the strategy's; null for the weights of layers, which --layer and --head choose among.</summary>
    private IMapMethod? Method(CommandContext context, string strategy)
    {
        var byLayer = context.IsGiven(_layer) || context.IsGiven(_head);
        var name = context.Get(_method) ?? (byLayer ? Raw : MapMethods.ForWords(strategy).Name);
        if (name == Raw) return null;
        context.RefuseWith(_method, _layer, _head);
        return MapMethods.Names.Contains(name) ? MapMethods.Find(name)
            : throw new UsageException($"--method: {Choice.Unknown(name, MapMethods.Names)}");
    }

    private IReadOnlyList<AttentionResult> Policy(CommandContext context, string folder, string[] images, string instruction,
        PerturbedPictures? perturbed)
    {
        var trained = PolicyFolder.Load(folder);
        var cameras = trained.Signature.Cameras;
        if (images.Length != cameras.Count)
            throw new UsageException(
            $"--image: the policy has {cameras.Count} camera(s) ({string.Join(", ", cameras)}), got {images.Length} picture(s)");
        var proprioception = context.Get(_proprioception) is { } given ? Numbers(given) : null;
        if (proprioception is null && trained.Policy.Options.Proprioception > 0)
            context.Warn(new AttendTexts(context.Language).NoProprioception(trained.States?.Mean.Any(m => m != 0) == true));
        var method = Method(context, trained.Policy.Options.Strategy);
        RgbImage[] photos = [.. images.Select(image => Picture.Read(image))];
        try
        {
            return Compute(method);
        }
        catch (NotSupportedException) when (method is not null && !context.IsGiven(_method))
        {
            // The strategy's method has no meaning for this policy, such as one that attends to some keys alone.
            return Compute(null);
        }

        IReadOnlyList<AttentionResult> Compute(IMapMethod? by) => AttentionResult.Compute(trained, photos, instruction, proprioception, by,
            context.Get(_target)!,
            (context.Get(_faithfulness) ? new FaithfulnessOptions() : FaithfulnessOptions.Short) with
            {
                Keep = perturbed is null ? null
                : perturbed.Keep
            });
    }

    private List<string> Write(CommandContext context, IReadOnlyList<AttendView> views, string instruction, string target)
    {
        var written = new List<string>();
        foreach (var view in views)
        {
            context.Stop.ThrowIfCancellationRequested();
            foreach (var line in view.Listing(context.Get(_top))) context.Print(line);
            AttendPictures.Print(view, context.Terminal);
            context.Print("");
            written.AddRange(AttendPictures.Save(view, target, context.Stop));
        }

        written.Add(AttendPictures.SavePage(views, instruction, target, context.CommandLine, context.Get(_top)));
        var texts = new AttendTexts(context.Language);
        context.Print(texts.Wrote(written.Count - 1, written[^1]));
        if (views.Count > 0 && Enumerable.Range(0, views[0].Result.Words.Count).Where(w =>
            !views[0].IsWritable(w)).ToArray() is { Length: > 0 } numbered)
            context.Print(texts.Numbered(numbered.Select(w => $"{w + 1} {views[0].Result.Words[w]}")));
        return written;
    }

    private static string Needed(string? value, string option) => value ?? throw new UsageException($"attend needs {option}");

    private List<AttendView> Views(CommandContext context, AttentionResult result, PerturbedPictures? perturbed)
    {
        if (result.Maps.Count == 0) return [];
        var head = Head(context.Get(_head)!);
        var maps = Layers(result.Maps, context.Get(_layer)!);
        foreach (var map in maps)
            if (head >= map.Heads) throw new ArgumentException($"--head {head}: {map.Layer} has heads 0 to {map.Heads - 1}");
        return [.. maps.Select(map => new AttendView(result, map, head, context.Language)
        {
            Faithfulness = [.. result.Words.Select((text, word) =>
            {
                perturbed?.Begin(word, text, map.Layer);
                return result.MeasureWord(map, word, head);
            })],
            Detailed = context.Get(_faithfulness),
        })];
    }

    private static int? Head(string text) => text == MeanHead
        ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var head) ? head
            : throw new UsageException($"--head: '{text}' is not a whole number or 'mean'");

    private static IReadOnlyList<WordMap> Layers(IReadOnlyList<WordMap> maps, string layer)
    {
        if (layer == AllLayers) return maps;
        if (layer is SharpestLayer or LastLayer)
        {
            var plain = maps.Where(m => !m.Layer.EndsWith(WordsInPicture.GradientWeighted, StringComparison.Ordinal)).ToList();
            WordMap[] Weighted(WordMap map) => [.. maps.Where(m => m.Layer == map.Layer + WordsInPicture.GradientWeighted)];

            // Where one layer has both forms, the sharpest is one that has.
            var both = plain.Where(m => Weighted(m).Length > 0).ToList();
            var chosen = layer == LastLayer ? plain[^1] : (both.Count > 0 ? both : plain).MinBy(m => m.Spread())!;
            return [chosen, .. Weighted(chosen)];
        }

        var named = maps.Where(m => m.Layer == layer || m.Layer == layer + WordsInPicture.GradientWeighted).ToList();
        return named.Count > 0 ? named
            : throw new UsageException(
            $"--layer: {Choice.Unknown(layer, [.. maps.Select(m => m.Layer).Distinct(), SharpestLayer, LastLayer, AllLayers])}");
    }

    private static float[] Numbers(string text)
    {
        if (text.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)) return Finite(Npy.Read(text).ToSingles(), text);
        return Finite([.. text.Split(',', StringSplitOptions.TrimEntries).Select(part =>
            float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
                : throw new UsageException($"--proprioception: '{part}' is not a number"))], "--proprioception");
    }

    private static float[] Finite(float[] numbers, string source) =>
        numbers.All(float.IsFinite) ? numbers : throw new ArgumentException($"{source}: a number is not finite");

    private static JsonObject Describe(AttendView view, int top) => new()
    {
        ["layer"] = view.Map.Layer,
        ["camera"] = view.Result.Camera,
        ["head"] = view.Head,
        ["rows"] = view.Map.Grid.Rows,
        ["columns"] = view.Map.Grid.Columns,
        ["words"] = new JsonArray([.. view.Result.Words.Select((word, w) => Describe(view, word, w, top))]),
    };

    private static JsonObject Describe(AttendView view, string word, int w, int top) => new()
    {
        ["word"] = word,
        ["faithfulness"] = view.Faithfulness[w] is { } measured ? Describe(measured) : null,
        ["onPadding"] = CommandContext.Number(view.Result.OnPadding(view.Map, view.Weights(w))),
        ["top"] = new JsonArray([.. TopPatches.Of(view.Weights(w), top).Select(p => new JsonObject
        {
            ["row"] = p.Patch / view.Map.Grid.Columns,
            ["column"] = p.Patch % view.Map.Grid.Columns,
            ["weight"] = p.Weight,
            ["timesUniform"] = p.Weight * view.Map.Grid.Count,
        })]),
    };

    private static JsonObject Describe(Faithfulness measured) => new()
    {
        ["verdict"] = Faithfulness.InWords(measured.Verdict),
        ["score"] = CommandContext.Number(measured.Score),
        ["deletion"] = CommandContext.Number(measured.Deletion),
        ["insertion"] = CommandContext.Number(measured.Insertion),
        ["spreadOverFills"] = CommandContext.Number(measured.Spread),
        ["random"] = new JsonArray(measured.Random.Low, measured.Random.High),
        ["centred"] = new JsonArray(measured.Gaussian.Low, measured.Gaussian.High),
        ["effect"] = CommandContext.Number(measured.Effect),
        ["noise"] = CommandContext.Number(measured.NoiseFloor),
    };
}
