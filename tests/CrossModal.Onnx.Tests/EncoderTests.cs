using System.Text.Json;
using CrossModal.Data;
using CrossModal.Encoders;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Tests.Checkpoints;

namespace CrossModal.Onnx.Tests;

/// <summary>Exported policies with pretrained encoders: what the encoders give is the input of the model.</summary>
public sealed class EncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RuntimeTheory]
    [InlineData("bert", null, 1, false, 17)]
    [InlineData("bert", null, 1, true, 23)]
    [InlineData("clip", null, 1, false, 23)]
    [InlineData(null, "clip", 1, false, 17)]
    [InlineData(null, "vilt", 2, false, 23)]
    [InlineData("bert", "clip", 2, false, 17)]
    public void A_policy_given_states_and_features_decides_in_the_runtime_as_in_the_library(
        string? text, string? vision, int views, bool tuned, int opset)
    {
        var trained = Policy(text, vision, views, tuned);
        Onnx.Export(trained, _folder["policy.onnx"], new OnnxOptions { Opset = opset, Maps = true });
        using var model = new OnnxModelRun(_folder["policy.onnx"]);
        using var policy = Policies.Policy.Of(trained);
        var encoder = new ObservationEncoder(trained);
        var random = new RandomSource(2);
        foreach (var instruction in (string[])["go left", "pick cup up red", "cup"])
        {
            var observation = new Observation { State = [0.1f, -0.2f, 0.3f] };
            foreach (var camera in trained.Signature.Cameras) observation = observation.With(camera, Drawn(random));
            policy.SetInstruction(instruction);
            var expected = policy.Act(observation).Action;
            var (pictures, states) = (new float[encoder.PictureLength], new float[3]);
            encoder.Encode(observation, pictures, states);
            var words = trained.Tokenizer.InputOf(instruction);
            var results = model.Run([.. Inputs(trained, pictures, words, [0.1f, -0.2f, 0.3f])]);
            Near.Same(expected, results["action"].Values, "action");
            foreach (var map in policy.Maps())
                for (var h = 0; h < map.Heads; h++)
                    for (var w = 0; w < map.Words; w++)
                        Near.Same(map.Head(h, w), results[$"map.{map.Layer}.{trained.Signature.Cameras[map.View]}"].Values
                            .AsSpan((h * map.Words + w) * map.Grid.Count, map.Grid.Count), "map");
        }
    }

    [Fact]
    public void The_model_says_which_encoders_it_needs_and_how_their_inputs_are_made()
    {
        var trained = Policy("bert", "clip", 1, tuned: false);
        var file = Onnx.Export(trained, _folder["policy.onnx"]);
        Assert.Equal(["features: [batch, 16, 24]", "words: [batch, words, 32]", "mask: [batch, words]", "proprioception: [batch, 3]"],
            file.Inputs.Select(i => $"{i.Name}: [{string.Join(", ", i.Shape)}]"));
        var said = JsonDocument.Parse(File.ReadAllText(file.ManifestPath)).RootElement.GetProperty("metadata");
        Assert.False(said.TryGetProperty("crossmodal.words.vocabulary", out _));
        var words = JsonDocument.Parse(said.GetProperty("crossmodal.words.encoder").GetString()!).RootElement;
        Assert.Equal(((TextEncoder)trained.Tokenizer.Encoder!).Folder.Sha256, words.GetProperty("sha256").GetString());
        var pictures = JsonDocument.Parse(said.GetProperty("crossmodal.picture.encoder").GetString()!).RootElement;
        Assert.Equal(trained.Vision!.Folder.Sha256, pictures.GetProperty("sha256").GetString());
        Assert.Equal(3, pictures.GetProperty("mean").GetArrayLength());
        Assert.Equal("32", said.GetProperty("crossmodal.picture.size").GetString());
    }

    private TrainedPolicy Policy(string? text, string? vision, int views, bool tuned)
    {
        var random = new RandomSource(11);
        foreach (var kind in new[] { text, vision })
            if (kind is not null) new PublishedFolder(kind) { Seed = 5 }.Write(_folder[kind]);
        var encoders = new PretrainedEncoders
        {
            Text = text is null ? null : _folder[text],
            TuneText = tuned,
            Vision = vision is null ? null : _folder[vision],
        };
        var (ofText, ofVision) = (encoders.OfText(), encoders.OfVision());
        var tokenizer = ofText is null ? new WordTokenizer(["go", "left", "pick", "cup", "up", "red"]) : new WordTokenizer(ofText);
        var options = new PolicyOptions("cross-attention", new FusionOptions(16, 4, 2) { Views = views }, tokenizer.Count, 3)
        {
            ImageSize = ofVision?.ImageSize ?? 32,
            MaxWords = 6,
            Proprioception = 3,
            TextWidth = ofText?.Width ?? 0,
            VisionWidth = ofVision?.Width ?? 0,
            VisionGrid = ofVision?.Grid,
        };
        var policy = new LanguagePolicy(options, random, tuned ? ofText!.Model : null);
        return new TrainedPolicy(policy, tokenizer, new Normalization([0.1f, 0, -0.1f], [2, 1, 0.5f]),
            new Normalization([0, 0.1f, 0], [1, 2, 0.5f]), "recordings")
        { Vision = ofVision };
    }

    private static List<(string, Array, int[])> Inputs(TrainedPolicy trained, float[] pictures, float[] words, float[] states)
    {
        var (options, cameras) = (trained.Policy.Options, trained.Signature.Cameras);
        var count = words.Length / Math.Max(1, options.TextWidth);
        var each = pictures.Length / cameras.Count;
        List<(string, Array, int[])> inputs =
        [
            options.TextWidth > 0 ? ("words", words, [1, count, options.TextWidth])
                : ("words", words.Select(id => (long)id).ToArray(), [1, count]),
            ("mask", Enumerable.Repeat(true, count).ToArray(), [1, count]), ("proprioception", states, [1, states.Length]),
        ];
        int[] shape = options.VisionWidth > 0 ? [1, trained.Policy.Grid.Count, options.VisionWidth]
            : [1, 3, options.ImageSize, options.ImageSize];
        var name = options.VisionWidth > 0 ? "features" : "picture";
        for (var v = 0; v < cameras.Count; v++)
            inputs.Add((cameras.Count == 1 ? name : $"{name}_{cameras[v]}", pictures[(v * each)..((v + 1) * each)], shape));
        return inputs;
    }

    private static RgbImage Drawn(RandomSource random)
    {
        var picture = new RgbImage(20, 14);
        for (var i = 0; i < picture.Pixels.Length; i++) picture.Pixels[i] = (byte)(256 * random.NextSingle());
        return picture;
    }
}
