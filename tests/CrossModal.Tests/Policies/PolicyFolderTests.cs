using System.Text.Json.Nodes;
using CrossModal.Attention;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Training;

namespace CrossModal.Tests.Policies;

public sealed class PolicyFolderTests : IDisposable
{
    private const int Attempts = 2400;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cross-attention", true)]
    [InlineData("multi-view-separate", false)]
    [InlineData("downsample-conv", true)]
    public void What_was_saved_and_loaded_decides_the_same_bits(string strategy, bool pointing)
    {
        var saved = SmallPolicy.Create(strategy, pointing);
        PolicyFolder.Save(_folder.Path, saved);
        foreach (var path in (string[])[_folder.Path, _folder["policy.json"], _folder["model.safetensors"]])
        {
            var loaded = PolicyFolder.Load(path);
            var input = SmallPolicy.Input(1, "pick up red cup", "cup");
            Assert.Equal(SmallPolicy.Decide(saved.Policy, input), SmallPolicy.Decide(loaded.Policy, input));
            Assert.Equal(saved.Policy.Options, loaded.Policy.Options);
            Assert.Equal(saved.Tokenizer.Words, loaded.Tokenizer.Words);
            Assert.Equal(saved.Actions.Mean.Concat(saved.Actions.Deviation), loaded.Actions.Mean.Concat(loaded.Actions.Deviation));
            Assert.Equal(saved.States!.Mean.Concat(saved.States.Deviation), loaded.States!.Mean.Concat(loaded.States.Deviation));
            Assert.Equal(saved.Source, loaded.Source);
        }
    }

    [Fact]
    public void A_policy_with_past_frames_is_saved_with_their_ages_and_one_without_says_nothing_of_them()
    {
        var plain = SmallPolicy.Create();
        PolicyFolder.Save(_folder.Path, plain);
        Assert.DoesNotContain("past", File.ReadAllText(_folder["policy.json"]), StringComparison.OrdinalIgnoreCase);
        var options = plain.Policy.Options with { Perception = new PerceptionOptions { PastFrames = 2 } };
        var saved = plain with { Policy = new LanguagePolicy(options, new RandomSource(1)) };
        PolicyFolder.Save(_folder.Path, saved);
        var loaded = PolicyFolder.Load(_folder.Path);
        Assert.Equal(2, loaded.Policy.Options.Perception.PastFrames);
        var input = SmallPolicy.Input(1, "pick up red cup", "cup");
        input = input with
        {
            Past = new PastFrames(Tensor.Uniform([1, 2, .. input.Images.Shape.Skip(1)], new RandomSource(5), 0, 1)),
        };
        Assert.Equal(SmallPolicy.Decide(saved.Policy, input), SmallPolicy.Decide(loaded.Policy, input));
        Assert.Contains(loaded.Policy.Parameters(), p => p.Key == "past.ages");

        var json = JsonNode.Parse(File.ReadAllText(_folder["policy.json"]))!.AsObject();
        json["options"]!["perception"]!["pastFrames"] = 1_000_000_000;
        File.WriteAllText(_folder["policy.json"], json.ToJsonString());
        Assert.Contains("1000000000 does not fit", Assert.Throws<FileFormatException>(() => PolicyFolder.Load(_folder.Path)).Message);
    }

    [Fact]
    public void A_policy_says_where_its_words_are_cut_and_one_that_does_not_cuts_as_before()
    {
        PolicyFolder.Save(_folder.Path, SmallPolicy.Create());
        Assert.Equal(WordBreaks.Unicode, PolicyFolder.Load(_folder.Path).Tokenizer.Breaks);
        var json = JsonNode.Parse(File.ReadAllText(_folder["policy.json"]))!.AsObject();
        Assert.Equal("unicode", (string)json["wordBreaks"]!);
        json.Remove("wordBreaks");
        File.WriteAllText(_folder["policy.json"], json.ToJsonString());
        Assert.Equal(WordBreaks.Letters, PolicyFolder.Load(_folder.Path).Tokenizer.Breaks);
    }

    [Fact]
    public void A_description_with_a_byte_order_mark_is_read_and_UTF_16_is_named()
    {
        PolicyFolder.Save(_folder.Path, SmallPolicy.Create());
        var text = File.ReadAllText(_folder["policy.json"]);
        File.WriteAllText(_folder["policy.json"], text, new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        PolicyFolder.Load(_folder.Path);
        File.WriteAllText(_folder["policy.json"], text, System.Text.Encoding.Unicode);
        Assert.Contains("policy.json: is UTF-16 text", Assert.Throws<FileFormatException>(() => PolicyFolder.Load(_folder.Path)).Message);
    }

    [Theory]
    [InlineData("topk:3", "pool:4")]
    [InlineData("graph:1", "conv:4")]
    [InlineData("qknorm", "learner:5")]
    [InlineData("prune:2", "merge:7")]
    [InlineData("linear", "resampler:3")]
    public void Attention_variants_are_saved_with_the_policy(string attention, string tokens)
    {
        var options = SmallPolicy.Options();
        var vision = new VisionOptions { Attention = AttentionVariant.Parse(attention), Tokens = VisualTokens.Parse(tokens) };
        var made = SmallPolicy.Create() with
        {
            Policy = new LanguagePolicy(
            options with { Fusion = options.Fusion with { Vision = vision } }, new RandomSource(1))
        };
        PolicyFolder.Save(_folder.Path, made);
        var loaded = PolicyFolder.Load(_folder.Path);
        Assert.Equal(vision, loaded.Policy.Options.Fusion.Vision);
        var input = SmallPolicy.Input(1, "pick up red cup", "cup");
        Assert.Equal(SmallPolicy.Decide(made.Policy, input), SmallPolicy.Decide(loaded.Policy, input));

        // Maps of its words are over the patches.
        var trace = new AttentionTrace();
        SmallPolicy.Decide(loaded.Policy, input, trace);
        var maps = WordMap.Read(trace, 0, 4, loaded.Policy.Grid);
        Assert.Equal(2, maps.Count);
        Assert.All(maps, m => Assert.Equal((SmallPolicy.Patches, 1.0), (m.Mean(0).Length, Math.Round(m.Mean(0).Sum(x => (double)x), 4))));
    }

    [Theory]
    [InlineData("learner")]
    [InlineData("resampler")]
    [InlineData("conv")]
    [InlineData("pool")]
    [InlineData("merge")]
    public void A_hostile_number_of_visual_tokens_is_refused_before_memory_is_asked_for(string method)
    {
        PolicyFolder.Save(_folder.Path, SmallPolicy.Create());
        var json = JsonNode.Parse(File.ReadAllText(_folder["policy.json"]))!;
        foreach (var count in new[] { 0, -1, int.MinValue, 3000, 1 << 20, int.MaxValue })
        {
            json["options"]!["fusion"]!["vision"]!["tokens"] = new JsonObject { ["method"] = method, ["count"] = count };
            File.WriteAllText(_folder["policy.json"], json.ToJsonString());
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<FileFormatException>(() => PolicyFolder.Load(_folder.Path));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 16 << 20);
        }
    }

    [Fact]
    public void A_description_from_before_grids_were_options_of_vision_is_read()
    {
        PolicyFolder.Save(_folder.Path, SmallPolicy.Create());
        var json = JsonNode.Parse(File.ReadAllText(_folder["policy.json"]))!;
        var fusion = json["options"]!["fusion"]!.AsObject();
        fusion.Remove("vision");
        fusion["grid"] = null;
        File.WriteAllText(_folder["policy.json"], json.ToJsonString());
        Assert.Equal(SmallPolicy.Options(), PolicyFolder.Load(_folder.Path).Policy.Options);
    }

    [Fact]
    public void Every_fault_is_one_error_that_names_the_file()
    {
        Fault("policy.json", "is missing", () => File.Delete(_folder["policy.json"]));
        Fault("model.safetensors", "is missing", () => File.Delete(_folder["model.safetensors"]));
        Fault("policy.json", "has the format 'crossmodal-policy/3', expected 'crossmodal-policy/2'", j =>
            j["format"] = "crossmodal-policy/3");
        Fault("policy.json", "has no signature", j => j.Remove("signature"));
        Fault("policy.json", "the signature names 3 actions, the policy has 4", j => j["signature"]!["actions"]!.AsArray().RemoveAt(0));
        Fault("policy.json", "the signature has an empty name among its cameras", j => j["signature"]!["cameras"]![0] = " ");
        Fault("policy.json", "is not a policy", j => j["colour"] = 1);
        Fault("policy.json", "is not a policy", j => j.Remove("words"));
        Fault("policy.json", "is not a policy", j => j["actions"]!["mean"] = null);
        Fault("policy.json", "holds nothing", () => File.WriteAllText(_folder["policy.json"], "null"));
        Fault("policy.json", "is not a policy", () => File.WriteAllText(_folder["policy.json"], ""));
        Fault("policy.json", "listed twice", j => j["words"]![1] = "pick");
        Fault("policy.json", "7 word numbers, the options say 6", j => j["words"]!.AsArray().Add("x"));
        Fault("policy.json", "the normalisation does not fit 3 dimensions", j => j["actions"]!["mean"]!.AsArray().RemoveAt(0));
        Fault("policy.json", "the normalisation does not fit 5 numbers", j => j["states"]!["deviation"]!.AsArray().RemoveAt(0));
        Fault("policy.json", "the normalisation is missing", j => j["states"] = null);
        Fault("policy.json", "no fusion strategy is called 'telepathy'", j => j["options"]!["strategy"] = "telepathy");
        foreach (var deviation in (JsonNode[])[0, -1, JsonNode.Parse("1e99")!])
            Fault("policy.json", "is not a normalisation", j => j["actions"]!["deviation"]![1] = deviation);
        Fault("policy.json", "is not a normalisation", j => j["states"]!["mean"]![1] = JsonNode.Parse("-1e99"));
    }

    [Theory]
    [InlineData("imageSize", false)]
    [InlineData("maxWords", false)]
    [InlineData("proprioception", false)]
    [InlineData("actions", false)]
    [InlineData("width", true)]
    [InlineData("layers", true)]
    [InlineData("hidden", true)]
    [InlineData("latents", true)]
    [InlineData("views", true)]
    [InlineData("points", false)]
    [InlineData("cues", false)]
    [InlineData("wordLayers", false, true)]
    [InlineData("count", true)]
    public void A_hostile_size_is_refused_before_memory_is_asked_for(string name, bool inFusion, bool inPerception = false)
    {
        // Every size with the strategy whose weights depend on it.
        var policy = SmallPolicy.Create(name switch { "latents" => "perceiver", "views" => "multi-view-separate", _ => "cross-attention" });
        if (name == "count")
        {
            var sizes = policy.Policy.Options;
            var fewer = sizes with
            {
                Fusion = sizes.Fusion with
                {
                    Vision = new VisionOptions
                    {
                        Tokens = new VisualTokens(
                TokenReduction.Conv, 4)
                    }
                }
            };
            policy = policy with { Policy = new LanguagePolicy(fewer, new RandomSource(1)) };
        }

        PolicyFolder.Save(_folder.Path, policy);
        var good = File.ReadAllText(_folder["policy.json"]);
        foreach (var size in (int[])[0, -1, int.MinValue, 2000, 20_000, 1 << 20, int.MaxValue])
        {
            var json = JsonNode.Parse(good)!;
            if (name == "wordLayers" && size == 0) continue;
            var options = name is "points" or "cues" ? json["options"]!["head"]! : name == "count"
                ? json["options"]!["fusion"]!["vision"]!["tokens"]! : inFusion ? json["options"]!["fusion"]! : inPerception
                ? json["options"]!["perception"]! : json["options"]!;
            Assert.NotNull(options[name]);
            options[name] = size;
            if (name == "actions") json["actions"] = Numbers(size);
            if (name == "proprioception") json["states"] = Numbers(size);
            File.WriteAllText(_folder["policy.json"], json.ToJsonString());
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var error = Assert.Throws<FileFormatException>(() => PolicyFolder.Load(_folder.Path));
            Assert.StartsWith(_folder.Path, error.Message);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 16 << 20);
        }

        JsonNode Numbers(int size)
        {
            var count = Math.Clamp(size, 0, 20_000);
            return new JsonObject
            {
                ["mean"] = new JsonArray([.. new float[count].Select(x => (JsonNode)x)]),
                ["deviation"] = new JsonArray([.. new float[count].Select(_ => (JsonNode)1f)])
            };
        }
    }

    [Theory]
    [InlineData("concat-pooled")]
    [InlineData("cross-attention-single")]
    [InlineData("textbook-perceiver")]
    public void A_size_that_the_strategy_does_not_use_is_no_fault(string strategy)
    {
        PolicyFolder.Save(_folder.Path, SmallPolicy.Create(strategy, layers: 64));
        Assert.Equal(64, PolicyFolder.Load(_folder.Path).Policy.Options.Fusion.Layers);
    }

    [Fact]
    public void Weights_of_another_policy_give_one_error_that_lists_what_does_not_match()
    {
        PolicyFolder.Save(_folder.Path, SmallPolicy.Create());
        ModelFile.Save(_folder["model.safetensors"], SmallPolicy.Create("co-attention").Policy);
        var error = Assert.Throws<FileFormatException>(() => PolicyFolder.Load(_folder.Path));
        Assert.StartsWith(_folder["model.safetensors"], error.Message);
        Assert.Contains("missing 'fusion.layers.0.self_attn.q_proj.weight' [16,16]", error.Message);
        Assert.Contains("unexpected 'fusion.layers.0.language.cross_attn.q_proj.weight'", error.Message);
    }

    [Fact]
    public void No_damage_to_the_description_gives_anything_but_a_clear_error()
    {
        PolicyFolder.Save(_folder.Path, SmallPolicy.Create(layers: 1));
        var good = File.ReadAllBytes(_folder["policy.json"]);
        var random = new Random(21);
        var refused = 0;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var damaged = attempt % 3 == 0 ? Renumbered(good, random) : Mutation.Damage(good, random);
            File.WriteAllBytes(_folder["policy.json"], damaged);
            var what = $"attempt {attempt}: {System.Text.Encoding.UTF8.GetString(damaged)}";
            var (allocated, started) = (GC.GetAllocatedBytesForCurrentThread(), Environment.TickCount64);
            try
            {
                PolicyFolder.Load(_folder.Path);
            }
            catch (FileFormatException error)
            {
                refused++;
                Assert.StartsWith(_folder.Path, error.Message);
            }
            catch (Exception error)
            {
                Assert.Fail($"{what}\n{error}");
            }

            Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < 16 << 20, what);
            Assert.True(Environment.TickCount64 - started < 5000, what);
        }

        Assert.InRange(refused, Attempts / 4, Attempts - 1);
    }

    private void Fault(string file, string problem, Action<JsonObject> spoil) => Fault(file, problem, () =>
    {
        var json = JsonNode.Parse(File.ReadAllText(_folder["policy.json"]))!.AsObject();
        spoil(json);
        File.WriteAllText(_folder["policy.json"], json.ToJsonString());
    });

    private void Fault(string file, string problem, Action spoil)
    {
        PolicyFolder.Save(_folder.Path, SmallPolicy.Create());
        spoil();
        var error = Assert.Throws<FileFormatException>(() => PolicyFolder.Load(_folder.Path));
        Assert.StartsWith($"{_folder[file]}: ", error.Message);
        Assert.Contains(problem, error.Message);
    }

    /// <summary>One number of the text exchanged for another, so that the description stays well-formed.</summary>
    private static byte[] Renumbered(byte[] good, Random random)
    {
        var text = System.Text.Encoding.UTF8.GetString(good);
        var numbers = System.Text.RegularExpressions.Regex.Matches(text, @"-?\d+(\.\d+)?");
        var number = numbers[random.Next(numbers.Count)];
        string[] others = ["0", "-1", "1", "3", "17", "257", "4096", "65536", "1000000", "2147483647", "2147483648", "1e9", "0.5", "1e40",
            "null", "true", "\"x\"", "[]"];
        return System.Text.Encoding.UTF8.GetBytes(text[..number.Index] + others[random.Next(others.Length)]
            + text[(number.Index + number.Length)..]);
    }
}
