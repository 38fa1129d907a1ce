using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Policies;

using Results = System.Collections.Generic.IReadOnlyDictionary<string, (float[] Values, int[] Shape)>;

namespace CrossModal.Onnx.Tests;

/// <summary>Exported policies give what the library gives: actions and points in their units, the gripper's logit, maps.</summary>
public sealed class PolicyTests
{
    public static TheoryData<string, int> Strategies() => StrategyTests.Strategies();

    [RuntimeTheory]
    [MemberData(nameof(Strategies))]
    public void A_policy_of_every_strategy_equals_the_library_for_any_batch_and_number_of_words(string strategy, int opset) =>
        Compare(MadePolicy.Of(strategy, Math.Max(1, FusionStrategies.Find(strategy).Views)),
            new OnnxOptions { Opset = opset, Maps = true });

    [RuntimeTheory]
    [InlineData(1, 0, 0, 17)]
    [InlineData(1, 0, 2, 23)]
    [InlineData(2, 2, 5, 17)]
    [InlineData(3, 4, 6, 23)]
    public void A_policy_of_any_cameras_points_and_states_equals_the_library(int views, int points, int states, int opset) =>
        Compare(MadePolicy.Of("cross-attention", views, points, states), new OnnxOptions { Opset = opset, Maps = true });

    [RuntimeTheory]
    [MemberData(nameof(Strategies))]
    public void One_with_past_frames_some_of_which_are_not_there_equals_the_library_where_there_is_a_place_for_them(string strategy,
        int opset)
    {
        var description = FusionStrategies.Find(strategy);
        if (description.OnGrid) Assert.Throws<ShapeException>(() => MadePolicy.Of(strategy, Math.Max(1, description.Views), past: 2));
        else
            Compare(MadePolicy.Of(strategy, Math.Max(1, description.Views), past: 2),
                new OnnxOptions { Opset = opset, Maps = true });
    }

    [RuntimeTheory]
    [InlineData(1, 3, 17)]
    [InlineData(2, 1, 23)]
    [InlineData(3, 2, 17)]
    public void Past_frames_of_any_cameras_and_number_equal_the_library(int views, int frames, int opset) =>
        Compare(MadePolicy.Of("cross-attention", views, past: frames), new OnnxOptions { Opset = opset, Maps = true });

    [RuntimeFact]
    public void Pictures_of_frames_that_are_not_there_change_nothing()
    {
        var trained = MadePolicy.Of(past: 2);
        using var folder = new TemporaryFolder();
        Onnx.Export(trained, folder["policy.onnx"]);
        using var model = new OnnxModelRun(folder["policy.onnx"]);
        Assert.Equal(["batch", "2", "3", "32", "32"], model.InputShapes["past_picture"]);
        Assert.Equal(["batch", "2"], model.InputShapes["past_mask"]);
        var (input, states) = MadePolicy.Draw(trained, 2, 4, seed: 5);
        var before = model.Run([.. MadePolicy.Inputs(trained, input, states)])["action"].Values;
        var each = input.Past!.Pictures.Shape.Length / 4;

        // Sample 0 is the first step of an episode, sample 1 the second.
        for (var i = 0; i < 4; i++)
            if (i != 2) input.Past.Pictures.Span.Slice(i * each, each).Clear();
        Assert.Equal(before, model.Run([.. MadePolicy.Inputs(trained, input, states)])["action"].Values);
        input.Past.Pictures.Span.Slice(2 * each, each).Clear();
        var after = model.Run([.. MadePolicy.Inputs(trained, input, states)])["action"].Values;
        Assert.Equal(before[..3], after[..3]);
        Assert.NotEqual(before[3..], after[3..]);
    }

    [RuntimeTheory]
    [InlineData("topk:5", "merge:8")]
    [InlineData("local:1", "pool:4")]
    [InlineData("prune:6", null)]
    [InlineData(null, "resampler:5")]
    public void A_policy_with_another_attention_and_fewer_tokens_equals_the_library(string? attention, string? tokens)
    {
        var vision = new VisionOptions
        {
            Attention = attention is null ? null : AttentionVariant.Parse(attention),
            Tokens = tokens is null ? null
                : VisualTokens.Parse(tokens),
        };
        Compare(MadePolicy.Of(vision: vision), new OnnxOptions { Opset = 23, Maps = true });
    }

    [RuntimeFact]
    public void A_fixed_batch_is_fixed_in_the_model_and_a_dynamic_one_is_named()
    {
        using var folder = new TemporaryFolder();
        Onnx.Export(MadePolicy.Of(), folder["fixed.onnx"], new OnnxOptions { Batch = 2 });
        Onnx.Export(MadePolicy.Of(), folder["open.onnx"]);
        using var two = new OnnxModelRun(folder["fixed.onnx"]);
        using var any = new OnnxModelRun(folder["open.onnx"]);
        Assert.Equal(["2", "words"], two.InputShapes["words"]);
        Assert.Equal(["2", "3", "32", "32"], two.InputShapes["picture"]);
        Assert.Equal(["batch", "words"], any.InputShapes["words"]);
        Assert.Equal(["batch", "3"], any.OutputShapes["action"]);
    }

    private static void Compare(TrainedPolicy trained, OnnxOptions options)
    {
        using var folder = new TemporaryFolder();
        Onnx.Export(trained, folder["policy.onnx"], options);
        using var model = new OnnxModelRun(folder["policy.onnx"]);
        Assert.Equal(["batch", "words"], model.InputShapes["words"]);
        foreach (var (batch, words) in ((int, int)[])[(1, 1), (3, 6), (2, 4)])
        {
            var (input, states) = MadePolicy.Draw(trained, batch, words, seed: 5);
            var trace = new AttentionTrace();
            using var pass = Pass.Evaluation(trace);
            var expected = trained.Decide(input, pass);
            var results = model.Run([.. MadePolicy.Inputs(trained, input, states)]);
            CompareOutputs(trained, expected, results, batch);
            CompareMaps(trained, trace, results, batch, words);
        }
    }

    private static void CompareOutputs(TrainedPolicy trained, PolicyOutput expected, Results results, int batch)
    {
        for (var b = 0; b < batch; b++)
        {
            var action = new float[3];
            trained.Actions.Undo(expected.Action.Span.Slice(b * 3, 3), action);
            Near.Same(action, results["action"].Values.AsSpan(b * 3, 3), "action");
        }

        if (expected.Close is not null) Near.Same(expected.Close, results["gripper"].Values, "gripper");
        Assert.Equal(expected.Close is not null, results.ContainsKey("gripper"));
        if (expected.Points is not { } points) return;
        var place = new float[points.Shape.Length];
        for (var i = 0; i < place.Length; i++)
            place[i] = points.Span[i] * trained.States!.Deviation[i % points.Shape[1] % 3] + trained.States.Mean[i % points.Shape[1] % 3];
        Near.Same(place, results["points"].Values, "points");
    }

    private static void CompareMaps(TrainedPolicy trained, AttentionTrace trace, Results results, int batch, int words)
    {
        var names = results.Keys.Where(name => name.StartsWith("map.", StringComparison.Ordinal)).ToList();
        for (var age = 0; age <= trained.Policy.Options.Perception.PastFrames; age++)
        {
            var ago = age == 0 ? "" : $".past{age}";
            CompareMaps(trained, trace, results, batch, words, age,
                names.FindAll(name => (name.Split('#')[0].Split(".past") is [_, var number] ? $".past{number}" : "") == ago));
        }
    }

    private static void CompareMaps(TrainedPolicy trained, AttentionTrace trace, Results results, int batch, int words, int age,
        List<string> names)
    {
        var ago = age == 0 ? "" : $".past{age}";
        for (var sample = 0; sample < batch; sample++)
        {
            var maps = WordMap.Read(trace, sample, words, trained.Policy.Grid, age);
            Assert.Equal(maps.Select(map => $"map.{map.Layer}.{trained.Signature.Cameras[map.View]}{ago}"),
                names.Select(name => name.Split('#')[0]));
            for (var i = 0; i < maps.Count; i++)
            {
                var length = maps[i].Heads * words * maps[i].Grid.Count;
                for (var h = 0; h < maps[i].Heads; h++)
                    for (var w = 0; w < words; w++)
                        Near.Same(maps[i].Head(h, w),
                            results[names[i]].Values.AsSpan(sample * length + (h * words + w) * maps[i].Grid.Count, maps[i].Grid.Count),
                            names[i]);
            }
        }
    }
}
