using System.Text.Json;
using CrossModal.Fusion;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Tabletop.Data;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Pretraining;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;
using Policy = CrossModal.Policies.Policy;

namespace CrossModal.Tabletop.Tests.Language;

public sealed class ChineseInstructionTests
{
    private const int Sampled = 150;
    private static readonly string[] Colors = ["红色", "绿色", "蓝色", "黄色", "紫色", "橙色"];
    private static readonly string[] Shapes = ["杯子", "方块", "圆柱", "球", "星星", "盘子"];

    public static TheoryData<string, string> TasksAndSplits
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var task in RobotTasks.All)
                foreach (var split in (string[])["S0", "Z1", "Z2a"]) data.Add(task.Name, split);
            return data;
        }
    }

    [Theory]
    [InlineData("拿起红色杯子", "拿起 红色 杯子")]
    [InlineData("拿起红色的杯子。", "拿起 红色 的 杯子")]
    [InlineData("请把 红色的杯子 拿起来！", "请 把 红色 的 杯子 拿起 来")]
    [InlineData("把红色杯子放到蓝色盘子上", "把 红色 杯子 放到 蓝色 盘子 上")]
    [InlineData("将红色的球移到盘子上面", "将 红色 的 球 移到 盘子 上面")]
    [InlineData("把黄色方块推到左边", "把 黄色 方块 推到 左边")]
    [InlineData("向左边推黄色的方块", "向 左边 推 黄色 的 方块")]
    [InlineData("把红色的那个推向前面", "把 红色 的 那个 推向 前面")]
    [InlineData("拿起蓝色方块左边的杯子", "拿起 蓝色 方块 左边 的 杯子")]
    public void A_sentence_is_cut_into_words_that_a_policy_knows(string text, string words)
    {
        Assert.Equal(words.Split(' '), new Instruction(text).Words);
        foreach (var language in (InstructionLanguage[])[InstructionLanguage.Chinese, InstructionLanguage.Both])
        {
            var tokenizer = TabletopPolicy.TokenizerOf(language);
            Assert.Equal(words.Split(' '), tokenizer.WordsOf(text));
            Assert.DoesNotContain(WordTokenizer.UnknownId, tokenizer.Encode(text));
        }
    }

    [Theory]
    [MemberData(nameof(TasksAndSplits))]
    public void The_same_scene_and_goal_are_asked_for_in_either_language(string taskName, string splitName)
    {
        var (task, split) = (RobotTasks.Find(taskName), Split.Find(splitName));
        for (var i = 0; i < Sampled; i++)
        {
            var english = task.Sample(split.SceneSeed(4, i), split, SceneOptions.Full);
            var chinese = task.Sample(split.SceneSeed(4, i), split, SceneOptions.Full, InstructionLanguage.Chinese);
            Assert.Equal(english.Start.Objects.AsEnumerable(), chinese.Start.Objects);
            Assert.Equal(english.Goal, chinese.Goal);
            Assert.Equal(Named(english.Instruction), Named(chinese.Instruction));

            // What the words say, by themselves, is what was meant.
            int[] meant = english.Goal.Reference < 0 ? [english.Goal.Target] : [english.Goal.Target, english.Goal.Reference];
            Assert.Equal(meant.Order(), ObjectsSaid(chinese, task.Name == "relational").Order());
            if (english.Goal.Relation != Relation.None) Assert.Contains(((string[])["左边", "右边", "后面",
                "前面"])[(int)english.Goal.Relation - 1], chinese.Instruction.Words);
            if (english.Goal.Direction != Direction.None) Assert.Contains(((string[])["左边", "右边", "后面",
                "前面"])[(int)english.Goal.Direction - 1], chinese.Instruction.Words);
        }

        static IEnumerable<int> Named(Instruction said) => said.ObjectIndices.Where(i => i >= 0).Distinct().Order();
    }

    [Theory]
    [MemberData(nameof(TasksAndSplits))]
    public void Every_sentence_is_made_of_known_words_and_is_cut_as_it_was_made(string taskName, string splitName)
    {
        var (task, split) = (RobotTasks.Find(taskName), Split.Find(splitName));
        for (var i = 0; i < Sampled; i++) Check(task.Sample(split.SceneSeed(9, i), split, SceneOptions.Full,
            InstructionLanguage.Chinese).Instruction);
    }

    [Fact]
    public void Training_says_every_word_and_every_object_and_shortens_names()
    {
        var source = new SampleSource(RobotTasks.All, new SampleOptions
        {
            Language = InstructionLanguage.Chinese,
            PartialNames = 0.5f,
            UnnamedColors = 0.4f,
            ShapeLessons = 0.2f
        });
        var said = Enumerable.Range(0, 1500).SelectMany(i => source.Draw(i, 0.3f).Instructions).Select(l => l.Instruction).ToList();
        foreach (var instruction in said) Check(instruction);
        Assert.Equal(Vocabulary.ChineseWords.Order(), said.SelectMany(i => i.Words).Distinct().Order());
        Assert.Contains(said, i => i.Text.Contains("的那个", StringComparison.Ordinal));
        Assert.Contains(said, i => i.Text == "拿起杯子");
    }

    [Fact]
    public void Each_word_knows_its_kind_and_the_object_it_names()
    {
        foreach (var task in RobotTasks.All)
            for (var i = 0; i < Sampled; i++)
            {
                var episode = task.Sample(Split.S0.SceneSeed(4, i), Split.S0, SceneOptions.Full, InstructionLanguage.Chinese);
                var said = episode.Instruction;
                Assert.Contains(WordKind.Verb, said.Kinds);
                for (var w = 0; w < said.Words.Length; w++)
                {
                    var index = said.ObjectIndices[w];
                    var kind = index < 0 ? default : episode.Start.Objects[index].Kind;
                    if (said.Kinds[w] == WordKind.Color) Assert.Equal(Colors[(int)kind.Color], said.Words[w]);
                    else if (said.Kinds[w] == WordKind.Shape) Assert.Equal(Shapes[(int)kind.Shape], said.Words[w]);
                    else Assert.Equal(-1, index);
                }
            }
    }

    [Fact]
    public void Unseen_sentences_are_new_and_of_words_of_the_trained_ones()
    {
        foreach (var task in RobotTasks.All)
        {
            Assert.Empty(task.Chinese.Unseen.Intersect(task.Chinese.Trained));
            Assert.Subset(Words(task, Split.S0), Words(task, Split.Z2a));
        }

        static HashSet<string> Words(RobotTask task, Split split) =>
            [.. Enumerable.Range(0, 600).SelectMany(i => task.Sample(split.SceneSeed(2, i), split, SceneOptions.Full,
                InstructionLanguage.Chinese).Instruction.Words)];
    }

    [Fact]
    public void Other_words_for_things_are_unknown_as_a_whole_to_a_policy()
    {
        var tokenizer = TabletopPolicy.TokenizerOf(InstructionLanguage.Both);
        foreach (var word in Colors.Concat(Shapes).Select(Synonyms.Of)) Assert.Equal([WordTokenizer.UnknownId], tokenizer.Encode(word));
        var said = RobotTasks.Find("pick").Sample(Split.Z2b.SceneSeed(1, 0), Split.Z2b, SceneOptions.Full,
            InstructionLanguage.Chinese).Instruction;
        Assert.Equal(said.Words.AsEnumerable(), new Instruction(said.Text).Words);
    }

    [Fact]
    public void Both_languages_are_as_likely_and_English_alone_says_what_it_always_said()
    {
        var task = RobotTasks.Find("place");
        var chinese = Enumerable.Range(0, 1000).Count(i => task.Sample(Split.S0.SceneSeed(1, i), Split.S0, SceneOptions.Full,
            InstructionLanguage.Both).Instruction.Text.Any(Vocabulary.IsChinese));
        Assert.InRange(chinese, 440, 560);
        Assert.Equal(GoldenEnglish,
            RobotTasks.All.Select(t => t.Sample(Split.S0.SceneSeed(1, 0), Split.S0, SceneOptions.Full).Instruction.Text));
        var source = new SampleSource(RobotTasks.All, new SampleOptions { PartialNames = 0.5f });
        Assert.Equal(GoldenSamples, Enumerable.Range(0, 2).SelectMany(i => source.Draw(i, 0.3f).Instructions).Select(l =>
            l.Instruction.Text).Take(GoldenSamples.Length));
    }

    private static readonly string[] GoldenEnglish =
        ["pick up the yellow star", "move the yellow ball onto the blue plate", "shove the yellow star to the back",
            "lift the star behind the green cup"];
    private static readonly string[] GoldenSamples =
        ["set the blue ball on the green one", "set the blue ball on the yellow plate", "place the blue one on the green one",
            "take the star", "grab the orange one"];

    [Fact]
    public void The_language_is_part_of_a_configuration_unless_it_is_English()
    {
        Assert.DoesNotContain("language", JsonSerializer.Serialize(new TabletopRecipe(), JsonSerializerOptions.Web));
        Assert.DoesNotContain("language", JsonSerializer.Serialize(new PretrainingRecipe(), JsonSerializerOptions.Web));
        Assert.Contains("\"language\":\"Both\"", JsonSerializer.Serialize(new TabletopRecipe { Language = InstructionLanguage.Both },
            JsonSerializerOptions.Web));
    }

    [Theory]
    [InlineData(InstructionLanguage.English)]
    [InlineData(InstructionLanguage.Chinese)]
    [InlineData(InstructionLanguage.Both)]
    public void A_policys_words_say_its_language_after_it_was_saved(InstructionLanguage language)
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var recipe = new TabletopRecipe { Steps = 1, Scenes = 2, Language = language };
            var trainer = new PolicyTrainer(new TabletopLossSource("cross-attention", new FusionOptions(16, Heads: 2, Layers: 1), recipe));
            trainer.Run(progress: null);
            PolicyFolder.Save(folder, trainer.Policy);
            var loaded = PolicyFolder.Load(folder);
            Assert.Equal(language, InstructionLanguages.Of(loaded.Tokenizer));
            Assert.Equal(language == InstructionLanguage.English ? WordBreaks.Unicode : WordBreaks.Vocabulary, loaded.Tokenizer.Breaks);
            if (language == InstructionLanguage.English) return;
            using var policy = Policy.Of(loaded);
            Assert.Equal(["拿起", "红色", "杯子"], policy.SetInstruction("拿起红色杯子").Words);
            Assert.Equal(["粉色"], policy.SetInstruction("拿起粉色的杯子").Unknown);
            var result = TabletopEvaluation.Run(loaded, RobotTasks.Find("pick"), Split.S0, new EvaluationOptions
            {
                Episodes = 2,
                Language =
                InstructionLanguage.Chinese
            });
            Assert.All(result.Episodes, e => Assert.Contains(e.Instruction, Vocabulary.IsChinese));
            Assert.NotEmpty(WordGrounding.Measure(loaded, RobotTasks.Find("pick"), Split.Z2b, 2));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_caption_names_the_same_things_in_Chinese()
    {
        for (var i = 0; i < 20; i++)
        {
            var (english, chinese) = (new CaptionSource(1, Split.Training).Draw(i),
                new CaptionSource(1, Split.Training, InstructionLanguage.Chinese).Draw(i));
            var words = TabletopPolicy.TokenizerOf(InstructionLanguage.Chinese).WordsOf(chinese.Caption);
            Assert.Equal(english.Named.AsEnumerable(), chinese.Named);
            Assert.Equal(chinese.Named.Length, words.Count);
            for (var w = 0; w < words.Count; w += 3)
                Assert.Equal([Colors[(int)Kind(w).Color], "的", Shapes[(int)Kind(w).Shape]], words.Skip(w).Take(3));

            ObjectKind Kind(int word) => chinese.Scene.Objects[chinese.Named[word]].Kind;
        }
    }

    /// <summary>The objects of a scene that colours and shapes in a sentence name; a target of a relation is named by its shape
    /// alone.</summary>
    private static IEnumerable<int> ObjectsSaid(EpisodeSetup episode, bool targetByShape)
    {
        var words = episode.Instruction.Words;
        for (var w = 0; w < words.Length; w++)
        {
            if (Array.IndexOf(Colors, words[w]) is not (>= 0 and var color)) continue;
            var shape = Array.IndexOf(Shapes, words[w + 1] == "的" ? words[w + 2] : words[w + 1]);
            yield return Assert.Single(Enumerable.Range(0, episode.Start.Objects.Length),
                i => episode.Start.Objects[i].Kind == new ObjectKind((ObjectColor)color, (ObjectShape)shape));
        }

        if (!targetByShape) yield break;
        var last = Array.IndexOf(Shapes, words.Last(word => Shapes.Contains(word)));
        Assert.Equal((ObjectShape)last, episode.Start.Objects[episode.Goal.Target].Kind.Shape);
        yield return episode.Goal.Target;
    }

    private static void Check(Instruction said)
    {
        foreach (var language in (InstructionLanguage[])[InstructionLanguage.Chinese, InstructionLanguage.Both])
        {
            var tokenizer = TabletopPolicy.TokenizerOf(language);
            Assert.Equal(said.Words, tokenizer.WordsOf(said.Text));
            Assert.DoesNotContain(WordTokenizer.UnknownId, tokenizer.Encode(said.Text));
        }

        Assert.Equal(said.Words.AsEnumerable(), new Instruction(said.Text).Words);
        Assert.InRange(said.Words.Length, 2, Vocabulary.MostWords);
        Assert.DoesNotContain(' ', said.Text);
    }
}
