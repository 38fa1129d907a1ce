using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Tests.Policies;

public sealed class PolicyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-policy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_loaded_policy_gives_the_eager_action_in_the_units_of_training()
    {
        var trained = SmallPolicy.Create();
        PolicyFolder.Save(_folder, trained);
        using var policy = Policy.Load(_folder);
        Assert.Empty(policy.SetInstruction("pick up the red cup").Unknown.Except(["the"]));
        float[] state = [0.1f, -0.2f, 0.3f, 0.4f, 2];
        for (var frame = 0; frame < 3; frame++)
        {
            var picture = Picture(64, 48, frame);
            var decision = policy.Act(new Observation(picture) { State = state });
            var (action, close) = Eager(trained, "pick up the red cup", state, picture);
            for (var i = 0; i < 3; i++) Assert.Equal(action[i], decision.Action[i], 1e-5 * Math.Max(1, Math.Abs(action[i])));
            Assert.Equal(close, decision.Action[3]);
        }

        Assert.Equal(["action0", "action1", "action2", "close"], policy.Actions.Select(a => a.Name));
    }

    [Fact]
    public void Names_units_and_ranges_are_stored_with_the_policy_and_clipping_says_what_it_limited()
    {
        var trained = SmallPolicy.Create();
        trained = trained with
        {
            Signature = trained.Signature with
            {
                Actions = [new Quantity("dx", "m") { Least = 0, Most = 1e-6f }, new Quantity("dy", "m"),
                    new Quantity("turn", "rad") { Least = -1000, Most = 1000 }, PolicySignature.Close],
                Cameras = ["wrist"],
            },
        };
        PolicyFolder.Save(_folder, trained);
        using var free = Policy.Load(_folder);
        using var clipped = Policy.Load(_folder, new PolicyRunOptions { Clip = true });
        foreach (var policy in (Policy[])[free, clipped]) policy.SetInstruction("pick up red cup");
        var picture = Picture(32, 32, 1);
        var wild = free.Act(new Observation(picture) { State = new float[5] });
        var tame = clipped.Act(new Observation(picture) { State = new float[5] });
        Assert.Equal(["dx", "dy", "turn", "close"], tame.Names);
        Assert.Equal(["m", "m", "rad", "0 or 1"], tame.Units);
        Assert.False(wild.WasClipped);
        Assert.Equal([true, false, false, false], tame.Clipped.ToArray());
        Assert.Equal(Math.Clamp(wild.Action[0], 0, 1e-6f), tame.Action[0]);
        Assert.Equal(["wrist"], clipped.Cameras);
    }

    [Fact]
    public void Unknown_words_are_returned_and_an_instruction_of_unknown_words_only_is_refused()
    {
        using var policy = Policy.Of(SmallPolicy.Create());
        var words = policy.SetInstruction("Grab the red, red CUP!");
        Assert.Equal(["grab", "the", "red", "red", "cup"], words.Words);
        Assert.Equal(["grab", "the"], words.Unknown);
        var error = Assert.Throws<ArgumentException>(() => policy.SetInstruction("grab that thing"));
        Assert.Contains("grab that thing", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, policy.SetInstruction("grab that thing", allowUnknown: true).Unknown.Count);
        Assert.Throws<ArgumentException>(() => policy.SetInstruction(" , ! "));
        Assert.Throws<ArgumentException>(() => policy.SetInstruction("cup cup cup cup cup cup cup cup cup"));
    }

    [Fact]
    public void A_refused_observation_is_named_and_the_policy_works_on_with_the_next()
    {
        using var policy = Policy.Of(SmallPolicy.Create());
        var picture = Picture(40, 30, 2);
        Assert.Throws<InvalidOperationException>(() => policy.Act(new Observation(picture) { State = new float[5] }));
        policy.SetInstruction("pick up red cup");
        var before = policy.Act(new Observation(picture) { State = new float[5] }).Action.ToArray();
        Contains("the state has 4 numbers, 5 are needed", () => policy.Act(new Observation(picture) { State = new float[4] }));
        Contains("'state2' is NaN", () => policy.Act(new Observation(picture) { State = [0, 0, float.NaN, 0, 0] }));
        Contains("camera 'side'; there are: camera", () => policy.Act(new Observation().With("side", picture)));
        Contains("two pictures of the camera 'camera'", () => policy.Act(new Observation(picture).With("camera", picture)));
        Contains("no picture of the camera 'camera'", () => policy.Act(new Observation() { State = new float[5] }));
        Contains("has no pixels", () => policy.Act(new Observation(default) { State = new float[5] }));
        Contains("stride", () => policy.Act(new Observation(new Frame(new byte[100], 40, 30, PixelFormat.Bgra,
            20))
        { State = new float[5] }));
        Assert.Equal(before, policy.Act(new Observation(picture) { State = new float[5] }).Action.ToArray());

        static void Contains(string part, Action action) =>
            Assert.Contains(part, Assert.ThrowsAny<ArgumentException>(action).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Frames_after_the_first_allocate_nothing()
    {
        using var policy = Policy.Of(SmallPolicy.Create());
        policy.SetInstruction("pick up red cup");
        var state = new float[5];

        // The camera's buffer is longer than a picture, by another length each time.
        var buffer = new byte[640 * 480 * 3 + 100];
        new Random(3).NextBytes(buffer);
        for (var i = 0; i < 3; i++) policy.Act(new Observation(new Frame(buffer, 640, 480)) { State = state });
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 20; i++)
                policy.Act(new Observation(new Frame(buffer.AsSpan(0, buffer.Length - i), 640, 480)) { State = state });
        }));
    }

    [Fact]
    public void A_batch_and_several_prepared_instructions_equal_one_policy_for_each()
    {
        var trained = SmallPolicy.Create();
        using var policy = Policy.Of(trained);
        string[] texts = ["pick up red cup", "cup", "red cup"];
        var batch = policy.Batch(3);
        var prepared = policy.Prepare(texts);
        for (var step = 0; step < 2; step++)
        {
            for (var i = 0; i < texts.Length; i++)
            {
                if (step == 0) batch.SetInstruction(i, texts[i]);
                batch.Observe(i, new Observation(Picture(50, 40, i + step)) { State = [i, 0, 0, 0, 1] });
            }

            batch.Act();
            var same = Picture(50, 40, step);
            var answers = prepared.Act(new Observation(same) { State = [1, 2, 3, 4, 5] });
            for (var i = 0; i < texts.Length; i++)
            {
                policy.SetInstruction(texts[i]);
                Close(policy.Act(new Observation(Picture(50, 40, i + step)) { State = [i, 0, 0, 0, 1] }).Action, batch[i].Action);
                Close(policy.Act(new Observation(same) { State = [1, 2, 3, 4, 5] }).Action, answers[i].Action);
            }
        }

        static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
        {
            for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5 * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    [Fact]
    public void Cameras_are_told_apart_by_name_whatever_their_order()
    {
        var options = SmallPolicy.Options("multi-view-joint");
        options = options with { Fusion = options.Fusion with { Views = 2 } };
        var trained = SmallPolicy.Create() with { Policy = new LanguagePolicy(options, new RandomSource(3)) };
        trained = trained with { Signature = PolicySignature.Unnamed(options) with { Cameras = ["front", "side"] } };
        using var policy = Policy.Of(trained);
        policy.SetInstruction("red cup");
        var (front, side) = (Picture(40, 40, 1), Picture(64, 20, 2));
        var one = policy.Act(new Observation(front) { State = new float[5] }.With("side", side)).Action.ToArray();
        Assert.Equal(one, policy.Act(new Observation() { State = new float[5] }.With("side", side).With("front", front)).Action.ToArray());
        Assert.NotEqual(one, policy.Act(new Observation() { State = new float[5] }.With("front", side)
            .With("side", front)).Action.ToArray());
        Assert.NotEmpty(policy.Explain("cup", camera: "side").Weights);
        Assert.Contains("'side'", Assert.Throws<ArgumentException>(() =>
            policy.Act(new Observation(front) { State = new float[5] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_explanation_is_the_eager_trace_of_the_last_step_over_the_frame_itself()
    {
        var trained = SmallPolicy.Create();
        using var policy = Policy.Of(trained);
        Assert.Throws<InvalidOperationException>(() => policy.Explain("red"));
        policy.SetInstruction("pick up red cup");
        Assert.Throws<InvalidOperationException>(() => policy.Explain("red"));
        var picture = Picture(60, 45, 5);
        policy.Act(new Observation(picture) { State = new float[5] });
        var found = policy.Explain("Red", "fusion.layers.1.cross_attn");

        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        var (ids, _) = trained.Tokenizer.EncodeBatch(["pick up red cup"], 8);
        trained.Policy.Forward(new PolicyInput(Planes(picture), ids, null, Normalized(trained, new float[5])), pass);
        var map = WordMap.Read(trace, 0, 4, trained.Policy.Grid).Single(m => m.Layer == "fusion.layers.1.cross_attn");
        for (var i = 0; i < map.Grid.Count; i++) Assert.Equal(map.Mean(2)[i], found.Weights[i], 1e-5);
        Assert.Equal((60, 45), (found.Picture.Width, found.Picture.Height));
        Assert.Equal(picture.Pixels, found.Picture.Pixels);
        found.Save(Path.Combine(_folder, "red.png"));
        Assert.Equal(60, Png.Read(Path.Combine(_folder, "red.png")).Width);
        Assert.Contains("pick, up, red, cup", Assert.Throws<ArgumentException>(() => policy.Explain("blue")).Message,
            StringComparison.Ordinal);
        Assert.Contains(policy.Explain().Steps, s => s.Layer.StartsWith("vision.stem", StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_of_an_earlier_version_says_so()
    {
        PolicyFolder.Save(_folder, SmallPolicy.Create());
        var path = Path.Combine(_folder, "policy.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("crossmodal-policy/2", "crossmodal-policy/1", StringComparison.Ordinal));
        Assert.Contains("earlier version", Assert.Throws<FileFormatException>(() => Policy.Load(_folder)).Message,
            StringComparison.Ordinal);
    }

    private static RgbImage Picture(int width, int height, int seed)
    {
        var picture = new RgbImage(width, height);
        new Random(seed).NextBytes(picture.Pixels);
        return picture;
    }

    private static Tensor Planes(RgbImage picture)
    {
        var planes = Tensor.Zeros([1, 3, SmallPolicy.ImageSize, SmallPolicy.ImageSize]);
        var square = Letterbox.Fit(picture.Width, picture.Height, SmallPolicy.ImageSize).Apply(picture);
        for (var i = 0; i < SmallPolicy.ImageSize * SmallPolicy.ImageSize; i++)
            for (var c = 0; c < 3; c++)
                planes.Span[c * SmallPolicy.ImageSize * SmallPolicy.ImageSize + i] = square.Pixels[3 * i + c] * (1f / 255);
        return planes;
    }

    private static Tensor Normalized(TrainedPolicy trained, float[] state)
    {
        var normalized = Tensor.Zeros([1, state.Length]);
        trained.States!.Apply(state, normalized.Span);
        return normalized;
    }

    private static (float[] Action, float Close) Eager(TrainedPolicy trained, string text, float[] state, RgbImage picture)
    {
        using var pass = Pass.Evaluation();
        var (ids, mask) = trained.Tokenizer.EncodeBatch([text], 8);
        var output = trained.Policy.Forward(new PolicyInput(Planes(picture), ids, mask, Normalized(trained, state)), pass);
        var action = new float[3];
        trained.Actions.Undo(output.Action.Span, action);
        return (action, output.Close!.Span[0] > 0 ? 1 : 0);
    }
}
