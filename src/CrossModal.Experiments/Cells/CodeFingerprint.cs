using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Data;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Experiments.Cells;

/// <summary>A hash of what the code does, so that a result made by other code is not taken for a result of this one.</summary>
/// <remarks>It holds what is the same on every machine: training samples, the expert's episodes, a picture, and the operations and
/// parameters of a policy. How a loss weighs its terms and how an optimiser steps is not seen by it: who changes that raises
/// <see cref="Revision"/>.</remarks>
internal static class CodeFingerprint
{
    /// <summary>Raised when losses, optimiser, trainer or measurements change in a way that changes numbers.</summary>
    public const int Revision = 2;

    private const int Samples = 48;
    private const int Episodes = 3;
    private const ulong Seed = 0xC0DE;
    private static readonly ConcurrentDictionary<string, string> Known = new();

    /// <summary>The hash for a configuration.</summary>
    public static string Of(CellConfiguration configuration)
    {
        var (recipe, plan) = (configuration.Recipe, configuration.Evaluation);
        var tests = plan.Tests.Select(t => (t.Task, t.Split)).Distinct().Order().ToArray();
        var world = $"{string.Join('+', recipe.Tasks)} {recipe.Levers} {recipe.Instructions} {configuration.Policy.ImageSize} {string.Join(' ', tests.Select(t => $"{t.Task}/{t.Split}"))}";
        if (recipe.Language != default) world += $" {recipe.Language}";
        var frames = configuration.Policy.Perception.PastFrames;
        if (frames > 0) world += $" {frames} past frames";
        return Known.GetOrAdd(world, _ => Hash(text =>
        {
            Learned(recipe, frames, text);
            foreach (var (task, split) in tests) Judged(RobotTasks.Find(task), Split.Find(split), text);
            Rendered(RobotTasks.Find(recipe.Tasks[0]), configuration.Policy.ImageSize, text);
        })) + Known.GetOrAdd(JsonSerializer.Serialize(configuration.Policy, ExperimentFile.Form<PolicyOptions>()), _ =>
            Hash(text => Computed(configuration.Policy, text)));
    }

    internal static string Hash(Action<StringBuilder> write)
    {
        var text = new StringBuilder();
        write(text);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Training samples: states, those before them, sentences, labels.</summary>
    private static void Learned(TabletopRecipe recipe, int frames, StringBuilder text)
    {
        var source = new SampleSource(recipe.Tasks.Select(RobotTasks.Find), recipe.Samples with { Seed = Seed });
        for (var i = 0; i < Samples; i++)
        {
            var sample = source.Draw(i, 0.3f);
            Write(sample.Scene, text);
            if (frames > 0)
                foreach (var before in PastStates.Before(sample, (ulong)i, frames)) Write(before, text);
            foreach (var (task, instruction, goal, action, points) in sample.Instructions)
            {
                text.Append(CultureInfo.InvariantCulture, $"{task} {instruction} {goal} {action.Close}");
                Write(text, action.Dx, action.Dy, action.Dz);
                foreach (var point in (ReadOnlySpan<Point>)[points.Heading, points.Thing, points.Place])
                    Write(text, point.X, point.Y, point.Z);
            }
        }
    }

    /// <summary>Episodes of a test, acted out by the expert.</summary>
    private static void Judged(RobotTask task, Split split, StringBuilder text)
    {
        var result = EpisodeRunner.Run(new ExpertPolicy(task), task, split,
            new EvaluationOptions { Episodes = Episodes, Seed = Seed, CameraSize = 8 });
        foreach (var episode in result.Episodes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{episode.Instruction} {episode.Steps} {episode.Failure} {episode.FirstTouched}");
            Write(text, episode.FinalDistance);
            Write(episode.FinalScene, text);
        }
    }

    /// <summary>A picture.</summary>
    private static void Rendered(RobotTask task, int imageSize, StringBuilder text)
    {
        var frame = new CameraFrame(imageSize);
        new TabletopCamera(imageSize).Render(task.Sample(Split.S0.SceneSeed(Seed, 0), Split.S0, SceneOptions.Full).Start, frame);
        text.Append(Convert.ToHexString(SHA256.HashData(frame.Rgb)));
    }

    /// <summary>The operations of one control step with the sizes they work on, and the parameters; of a strategy that is not the library's
    /// own, its module.</summary>
    private static void Computed(PolicyOptions options, StringBuilder text)
    {
        // Its code changes while it is written, in ways that operations and sizes need not show.
        var strategy = FusionStrategies.Find(options.Strategy);
        if (FusionStrategies.Registered.Contains(strategy))
            text.Append(CultureInfo.InvariantCulture, $"{strategy.Create.Method.Module.ModuleVersionId}\n");
        var policy = new LanguagePolicy(options, RandomSource.None);
        foreach (var (name, parameter) in policy.Parameters()) text.Append(CultureInfo.InvariantCulture, $"{name} {parameter.Shape}\n");
        foreach (var node in ControlStep.Plan(policy))
            text.Append(CultureInfo.InvariantCulture, $"{node.Operation.Name} {string.Join(' ', node.Inputs.Select(i => i.Shape))}\n");
    }

    private static void Write(Scene scene, StringBuilder text)
    {
        foreach (var thing in scene.Objects)
        {
            text.Append(CultureInfo.InvariantCulture, $"{thing.Kind} ");
            Write(text, thing.Position.X, thing.Position.Y, thing.Position.Z);
        }

        var hand = scene.Gripper;
        text.Append(CultureInfo.InvariantCulture, $"{hand.Held} ");
        Write(text, hand.Tool.X, hand.Tool.Y, hand.Tool.Z, hand.Opening);
    }

    private static void Write(StringBuilder text, params ReadOnlySpan<float> values)
    {
        foreach (var value in values) text.Append(CultureInfo.InvariantCulture, $"{BitConverter.SingleToInt32Bits(value):x8} ");
        text.Append('\n');
    }
}
