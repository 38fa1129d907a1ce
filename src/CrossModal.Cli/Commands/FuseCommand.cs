using System.CommandLine;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;
using CrossModal.Layers;
using CrossModal.Policies;
using CrossModal.Training;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Cli.Commands;

/// <summary>Fuses language and vision features from files, and saves the result with the attention behind it.</summary>
internal sealed class FuseCommand : ToolCommand
{
    /// <summary>The word after <c>crossmodal</c>.</summary>
    public const string Word = "fuse";

    private readonly Option<string?> _strategy;
    private readonly Option<string?> _language;
    private readonly Option<string[]> _vision;
    private readonly Option<string?> _languageMask;
    private readonly Option<string[]> _visionMask;
    private readonly Option<string?> _checkpoint;
    private readonly Option<string?> _saveCheckpoint;
    private readonly FusionSizes _sizes;
    private readonly Option<ulong> _seed;
    private readonly Option<string?> _out;
    private readonly Option<bool> _attention;
    private readonly Option<bool> _plan;

    /// <summary>Makes the command.</summary>
    public FuseCommand()
        : base(Word, "Fuse language and vision features from files.",
            "crossmodal fuse --strategy cross-attention --language words.npy --vision patches.npy --out fused.npz --attention",
            "crossmodal fuse --strategy multi-view-mean --language words.npy --vision left.npy right.npy --out fused.npz",
            "crossmodal fuse --strategy list")
    {
        _strategy = Among(AddText("--strategy", "How to fuse, one of the strategies below", "name", byDefault: "cross-attention"), () =>
            [.. FusionStrategies.Names, StrategyAssembly.ListStrategies]);
        AddWith();
        _language = AddText("--language",
            "Word features [N, d] or [B, N, d]: .npy, .npz or .safetensors, one of several arrays as file.npz:name", "file");
        _vision = AddTexts("--vision", "Visual features of one camera or more, of the same width", "file");
        _languageMask = AddText("--language-mask", "Which words are real, [N] or [B, N]: 1 or true; 0 or false is padding", "file");
        _visionMask = AddTexts("--vision-mask", "Which visual tokens are real; a file for every camera", "file");
        _checkpoint = AddText("--checkpoint",
            "Weights to use: a .safetensors file, or the folder of a trained policy, whose strategy and sizes are taken with them; " +
            "random ones without it", "file");
        _saveCheckpoint = AddText("--save-checkpoint", "Write the weights used, to begin from", "file");
        _sizes = new FusionSizes(
            AddWhole("--heads", "Number of heads; divides the width of the features", byDefault: 4, least: 1, most: 4096),
            AddWhole("--layers", "Number of layers, or of rounds", byDefault: 1, least: 1, most: 1024),
            AddWhole("--latents", "Number of latents (perceiver)", byDefault: 16, least: 1, most: 1 << 16),
            AddText("--grid", "Rows and columns the visual tokens lie in, as 8x12 (downsampling, windows); square without it", "RxC"),
            AddVisualTokenOptions());
        _seed = AddSeed();
        _out = AddText("--out",
            "Where to write the result: a .npz or .safetensors of 'fused' and whatever else the strategy gives, or a .npy of 'fused' alone",
            "file");
        _plan = AddFlag("--plan",
            "Also compile the strategy for these sizes and print what a session would do each frame, with its cost and its share of the " +
            "time");
        _attention = AddFlag("--attention",
            "Also write the weights of every head of every layer, as attention/<layer> [B, H, queries, keys]");
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Notes =>
        ["Strategies:", .. FusionStrategies.All.Select(s => $"  {s.Name,-28} {s.Summary}")];

    /// <inheritdoc/>
    protected override int Run(CommandContext context)
    {
        if (context.Get(_strategy) == StrategyAssembly.ListStrategies) return List(context);
        var language = Needed(context.Get(_language), "--language");
        var cameras = context.Get(_vision) is { Length: > 0 } given ? given : throw new UsageException("fuse needs --vision");
        var target = Needed(context.Get(_out), "--out");
        OutputPath.CheckFile(target);
        CheckTargets(context, target, language, cameras);

        var words = Words(context, language);
        var views = Views(context, cameras);
        Check(language, words, cameras, views);
        context.Stop.ThrowIfCancellationRequested();

        var strategy = Weights(context, words.Width, views.Length);
        var trace = context.Get(_attention) ? new AttentionTrace() : null;
        using var pass = Pass.Evaluation(trace);
        var fused = strategy.Forward(new FusionInput(words, views), pass);
        RequireFinite(fused.Fused.Values, words, views, strategy, context.Get(_checkpoint));
        PrintResults(context, target, strategy, Write(context, target, Results(fused, pass, trace)));
        if (trace is { Entries.Count: 0 }) context.Warn($"{context.Result["strategy"]} has no attention to write");
        if (context.Get(_plan)) PrintPlan(context, InferenceSession.Compile(strategy, new FusionInput(words, views)).Explain());
        return ExitCodes.Success;
    }

    private static int List(CommandContext context)
    {
        foreach (var strategy in FusionStrategies.All) context.Print($"{strategy.Name,-28} {strategy.Summary}");
        context.Result["strategies"] = new JsonArray([.. FusionStrategies.Names.Select(n => (JsonNode)n)]);
        return ExitCodes.Success;
    }

    private static void PrintPlan(CommandContext context, SessionPlan plan)
    {
        context.Print(plan.ToString());
        context.Result["plan"] = new JsonArray([.. plan.Steps.Select(step => (JsonNode)new JsonObject
        {
            ["stage"] = step.Stage.ToString(),
            ["layer"] = step.Layer,
            ["action"] = step.Action,
            ["flops"] = step.Flops,
            ["bytes"] = step.Bytes,
            ["share"] = step.Share,
        })]);
    }

    /// <summary>Makes sure, before anything is computed, that what is written is nothing that is read, and that its name says in which
    /// format.</summary>
    private void CheckTargets(CommandContext context, string target, string language, string[] cameras)
    {
        if (Format(target) is not (".npy" or ".npz" or ".safetensors"))
            throw new UsageException($"--out {target}: the name must end in .npz, .safetensors or .npy");
        if (Format(target) == ".npy" && context.Get(_attention))
            throw new UsageException($"--out {target}: a .npy holds one array; --attention needs a .npz or .safetensors");
        List<(string Option, string? Path)> read =
        [
            ("--language", FeatureFile.FileOf(language)), .. cameras.Select(c => ("--vision", (string?)FeatureFile.FileOf(c))),
            ("--language-mask", context.Get(_languageMask) is { } mask ? FeatureFile.FileOf(mask) : null),
            .. (context.Get(_visionMask) ?? []).Select(m => ("--vision-mask", (string?)FeatureFile.FileOf(m))),
                ("--checkpoint", context.Get(_checkpoint)),
            ("--checkpoint", context.Get(_checkpoint) is { } folder && Directory.Exists(folder) ? PolicyFolder.WeightsPath(folder) : null),
        ];
        OutputPath.CheckApart("--out", target, read);
        if (context.Get(_saveCheckpoint) is not { } saved) return;
        OutputPath.CheckApart("--save-checkpoint", saved, [.. read, ("--out", target)]);
    }

    private static string Format(string target) => Path.GetExtension(target).ToLowerInvariant();

    /// <summary>Writes the results in the format that the name says; returns those that it holds.</summary>
    private static List<KeyValuePair<string, StoredArray>> Write(CommandContext context, string target,
        List<KeyValuePair<string, StoredArray>> results)
    {
        switch (Format(target))
        {
            case ".npz":
                Npz.Write(target, results);
                return results;
            case ".safetensors":
                SafeTensors.Write(target, results);
                return results;
            default:
                Npy.Write(target, results[0].Value);
                if (results.Count > 1)
                    context.Warn($"{target} holds 'fused' alone; a .npz or .safetensors would hold {string.Join(", ", results.Skip(1).Select(r => $"'{r.Key}'"))} too");
                return [results[0]];
        }
    }

    private static string Needed(string? value, string option) => value ?? throw new UsageException($"fuse needs {option}");

    private Tokens Words(CommandContext context, string path)
    {
        var values = FeatureFile.ReadTokens(path);
        return new Tokens(values, context.Get(_languageMask) is { } mask ? FeatureFile.ReadMask(mask, values) : null);
    }

    private Tokens[] Views(CommandContext context, string[] cameras)
    {
        var masks = context.Get(_visionMask) ?? [];
        if (masks.Length > 0 && masks.Length != cameras.Length)
            throw new UsageException(
                $"--vision-mask names {masks.Length} files for {cameras.Length} of --vision; give one for each, or none");
        return [.. cameras.Select((path, i) => FeatureFile.ReadTokens(path) is var values && masks.Length > 0
            ? new Tokens(values, FeatureFile.ReadMask(masks[i], values))
            : new Tokens(values))];
    }

    private static void Check(string language, Tokens words, string[] cameras, Tokens[] views)
    {
        for (var i = 0; i < views.Length; i++)
        {
            if (views[i].Width != words.Width)
                throw new ArgumentException(
                    $"{cameras[i]}: features of width {views[i].Width}, {language} has {words.Width}; they must be equal");
            if (views[i].Batch != words.Batch)
                throw new ArgumentException($"{cameras[i]}: a batch of {views[i].Batch}, {language} has {words.Batch}; they must be equal");
        }
    }

    private FusionStrategy Weights(CommandContext context, int width, int views)
    {
        var name = context.Get(_strategy)!;
        var seed = context.Get(_seed);
        var checkpoint = context.Get(_checkpoint);
        FusionOptions options;
        FusionStrategy strategy;
        if (checkpoint is not null && PolicyFolder.Holds(checkpoint))
        {
            var policy = PolicyFolder.Load(checkpoint).Policy;
            _sizes.CheckPolicy(context, _strategy, policy, width, views, checkpoint);
            (name, options, strategy) = (policy.Options.Strategy, policy.Options.Fusion, policy.Fusion);
        }
        else
        {
            options = _sizes.Choose(context, name, width, views, checkpoint);
            strategy = context.Sized(() => FusionStrategies.Create(name, options,
                checkpoint is null ? new RandomSource(seed) : RandomSource.None));
            if (checkpoint is not null) ModelFile.Load(checkpoint, strategy);
            else context.Print($"weights are random, from seed {seed}; --checkpoint uses trained ones");
        }

        if (context.Get(_saveCheckpoint) is { } path)
        {
            OutputPath.CheckFile(path);
            ModelFile.Save(path, strategy, FusionSizes.Describe(name, options));
        }

        context.Result["strategy"] = name;
        context.Result["seed"] = checkpoint is null ? seed : null;
        context.Result["heads"] = options.Heads;
        context.Result["layers"] = options.Layers;
        return strategy;
    }

    private static void RequireFinite(Tensor fused, Tokens words, Tokens[] views, FusionStrategy strategy, string? checkpoint)
    {
        foreach (var value in fused.Span)
        {
            if (float.IsFinite(value)) continue;

            // Whichever is larger is to blame.
            var features = views.Prepend(words).Max(t => Math.Abs(TensorPrimitives.MaxMagnitude<float>(t.Values.Span)));
            if (checkpoint is null || features > strategy.LargestWeight().Magnitude)
                throw new ArgumentException($"the fused tokens hold {value}: the features are too large for single precision");
            throw new WeightOverflowException(checkpoint, $"the fused tokens hold {value}", strategy);
        }
    }

    private static List<KeyValuePair<string, StoredArray>> Results(FusionOutput output, Pass pass, AttentionTrace? trace)
    {
        var results = new List<KeyValuePair<string, StoredArray>>();
        void Keep(string name, Tensor value) => results.Add(new(name, StoredArray.From(value.Span, value.Shape.Sizes.ToArray())));

        Keep("fused", output.Fused.Values);
        if (output.Fused.Mask is { } mask)
        {
            var presence = pass.Reshape(mask.Presence(pass), [output.Fused.Batch, output.Fused.Count]);
            results.Add(new("fused_mask", StoredArray.From(Array.ConvertAll(presence.ToArray(), p => p > 0), output.Fused.Batch,
                output.Fused.Count)));
        }

        foreach (var (name, value) in output.Named) Keep(name, value);

        // A layer that several cameras share runs once for each: its second run is named layer@1.
        var runs = new Dictionary<string, int>();
        foreach (var (layer, weights) in trace?.Entries ?? [])
        {
            var run = runs.TryGetValue(layer, out var before) ? before + 1 : 0;
            runs[layer] = run;
            Keep(run == 0 ? $"attention/{layer}" : $"attention/{layer}@{run}", weights);
        }

        return results;
    }

    private void PrintResults(CommandContext context, string target, FusionStrategy strategy,
        List<KeyValuePair<string, StoredArray>> results)
    {
        context.Print(string.Create(CultureInfo.InvariantCulture,
            $"{context.Result["strategy"]}, {strategy.ParameterCount:N0} parameters, wrote {target}:"));
        var arrays = new JsonObject();
        foreach (var (name, array) in results)
        {
            context.Print($"  {name} {Shape.Of(array.Shape).ToString()}");
            var sizes = new JsonArray();
            foreach (var size in array.Shape) sizes.Add((JsonNode)size);
            arrays[name] = sizes;
        }

        context.Result["parameters"] = strategy.ParameterCount;
        context.Result["out"] = target;
        context.Result["arrays"] = arrays;
    }
}
