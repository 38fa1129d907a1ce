using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrossModal.Engine.Formats;
using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Runs;

/// <summary>Which scenes the faithfulness of maps is measured in.</summary>
/// <param name="Task">The task.</param>
/// <param name="Split">The split.</param>
/// <param name="Seed">Seed of the scenes.</param>
/// <param name="Target">What of the action is explained, as <see cref="Policy.Target"/> names it.</param>
internal sealed record FaithfulnessScenes(RobotTask Task, Split Split, ulong Seed, string Target);

/// <summary>The faithfulness of every method's map of the words that name the target, scene by scene; what was measured is kept in a file
/// and not measured again.</summary>
internal sealed class FaithfulnessStudy
{
    private const string Schema = "crossmodal-faithfulness/2";

    // Scenes in which weights are randomised from the top down as well.
    private const int RandomizedScenes = 3;
    private readonly TrainedPolicy _trained;
    private readonly FaithfulnessScenes _scenes;
    private readonly JsonObject _cell;
    private readonly string _path;

    /// <summary>Opens the file of a policy and these scenes, or begins it.</summary>
    /// <param name="checkpoint">Folder of the policy.</param>
    /// <param name="trained">The policy.</param>
    /// <param name="scenes">The scenes.</param>
    /// <param name="folder">Where such files lie.</param>
    /// <exception cref="FileFormatException">The file is damaged.</exception>
    public FaithfulnessStudy(string checkpoint, TrainedPolicy trained, FaithfulnessScenes scenes, string folder)
    {
        (_trained, _scenes) = (trained, scenes);
        var weights = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(PolicyFolder.WeightsPath(checkpoint))));
        var strategy = trained.Policy.Options.Strategy;
        var target = string.Concat(scenes.Target.Select(c => char.IsAsciiLetterOrDigit(c) ? c : c is '-' or '−' ? 'n' : '_'));
        _path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture,
            $"{strategy}-{weights[..12]}-{scenes.Task.Name}-{scenes.Split.Name}-{scenes.Seed}-{target}.json"));
        _cell = File.Exists(_path) ? Read(_path) : new JsonObject
        {
            ["schema"] = Schema,
            ["strategy"] = strategy,
            ["weights"] = weights,
            ["task"] = scenes.Task.Name,
            ["split"] = scenes.Split.Name,
            ["seed"] = scenes.Seed,
            ["target"] = scenes.Target,
            ["scenes"] = new JsonArray(),
        };
    }

    /// <summary>Name of the strategy.</summary>
    public string Strategy => _trained.Policy.Options.Strategy;

    /// <summary>What was measured, a scene after the other.</summary>
    public IReadOnlyList<JsonObject> Measured => [.. _cell["scenes"]!.AsArray().Select(s => s!.AsObject())];

    /// <summary>Measures the scenes that are missing.</summary>
    /// <param name="count">How many there are to be.</param>
    /// <param name="stop">Asks to stop; what was measured stays.</param>
    /// <param name="progress">Called after each scene with the number of scenes so far.</param>
    public void Run(int count, CancellationToken stop, Action<int> progress)
    {
        using var policy = Policy.Of(_trained);
        var rig = new CameraRig(policy.ImageSize, policy.Cameras.Count);
        var measured = _cell["scenes"]!.AsArray();
        while (measured.Count < count)
        {
            stop.ThrowIfCancellationRequested();
            var drawn = _scenes.Task.Sample(_scenes.Split.SceneSeed(_scenes.Seed, measured.Count), _scenes.Split, SceneOptions.Full);
            var found = ExpertStep.Of(_scenes.Task, drawn, rig, policy.PastFrames);
            var episode = found.Episode;
            policy.SetInstruction(episode.Instruction.Text, allowUnknown: true);
            foreach (var pictures in found.Frames.Reverse())
                policy.Act(Observation.Of(policy.Cameras, pictures, p => p.ToFrame(), Proprioception.Of(episode.Start)));
            var step = policy.Explained(policy.Target(_scenes.Target));
            measured.Add((JsonNode)Scene(step, episode, found.Current, measured.Count < RandomizedScenes));
            AtomicFile.Write(_path, Write);
            progress(measured.Count);
        }
    }

    private void Write(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream);
        _cell.WriteTo(json);
    }

    private JsonObject Scene(StepExplanation step, EpisodeSetup episode, CameraFrame[] frames, bool randomize)
    {
        var words = Enumerable.Range(0, episode.Instruction.Words.Length)
            .Where(w => episode.Instruction.ObjectIndices[w] == episode.Goal.Target
            && episode.Instruction.Kinds[w] is WordKind.Color or WordKind.Shape).ToList();
        var methods = new JsonObject();
        Faithfulness? any = null;
        foreach (var method in MapMethods.All)
        {
            try
            {
                var map = method.Compute(step.Decision);
                var joined = map.OfWords(words);
                any = step.Faithfulness.Measure(joined);
                methods[method.Name] = new JsonObject
                {
                    ["verdict"] = any.Verdict.ToString(),
                    ["score"] = Hosting.CommandContext.Number(any.Score),
                    ["deletion"] = Hosting.CommandContext.Number(any.Deletion),
                    ["insertion"] = Hosting.CommandContext.Number(any.Insertion),
                    ["spread"] = Hosting.CommandContext.Number(any.Spread),
                    ["lift"] = Hosting.CommandContext.Number(Lift(joined, step, episode, frames)),
                    ["nuisance"] = NuisanceShare.Of(joined, step.Decision.Grid, episode, frames),
                    ["randomized"] = randomize ? Randomized(method, step, words) : null,
                    ["residual"] = map.Residual is { } residual ? Hosting.CommandContext.Number(residual) : null,
                };
            }
            catch (NotSupportedException refused)
            {
                methods[method.Name] = new JsonObject { ["refused"] = refused.Message };
            }
        }

        return new JsonObject
        {
            ["instruction"] = episode.Instruction.Text,
            ["methods"] = methods,
            ["effect"] = any?.Effect,
            ["noise"] = any?.NoiseFloor,
            ["random"] = any is null ? null : new JsonArray(any.Random.Low, any.Random.High),
            ["centred"] = any is null ? null : new JsonArray(any.Gaussian.Low, any.Gaussian.High),
        };
    }

    /// <summary>|Spearman| of the map and the original one after each part, from the top down, lost what it learned.</summary>
    private JsonArray Randomized(IMapMethod method, StepExplanation step, IReadOnlyList<int> words) =>
        [.. WeightRandomization.Measure(_trained.Policy, () => method.Compute(step.Again()).OfWords(words), step.Decision.Grid,
            _scenes.Seed)
            .Select(stage => (JsonNode)new JsonObject
            {
                ["part"] = stage.Part,
                ["correlation"] = Hosting.CommandContext.Number(stage.Correlation),
                ["similarity"] = Hosting.CommandContext.Number(stage.Similarity),
            })];

    /// <summary>Share of the first camera's map on the target over its share of the picture.</summary>
    private static double Lift(float[] joined, StepExplanation step, EpisodeSetup episode, CameraFrame[] frames)
    {
        var grid = step.Decision.Grid;
        var coverage = new float[grid.Count];
        frames[0].CoverageOfPatches(CameraFrame.IdOf(episode.Goal.Target), grid.Rows, grid.Columns, coverage);
        return coverage.Max() == 0 ? double.NaN : Grounding.Measure(joined.AsSpan(0, grid.Count), coverage).Lift;
    }

    private static JsonObject Read(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(path)) is JsonObject cell && cell["schema"]?.GetValue<string>() == Schema
                && cell["scenes"] is JsonArray
                ? cell
                : throw new FileFormatException(path, $"is not of the format '{Schema}'");
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, Failure.Reason(error), error);
        }
    }
}
