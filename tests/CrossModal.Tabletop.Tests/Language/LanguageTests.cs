using CrossModal.Language;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Language;

public sealed class LanguageTests
{
    [Fact]
    public void No_word_is_listed_twice() =>
        Assert.Equal(Tabletop.Language.Vocabulary.Words.Length, Tabletop.Language.Vocabulary.Words.Distinct().Count());

    [Fact]
    public void Token_ids_change_when_the_instruction_changes()
    {
        string[] sentences = ["pick up the red cup", "pick up the blue cup", "pick up the red cube", "grab the red cup",
            "put the red cup on the blue plate", "put the blue cup on the red plate"];
        Assert.Equal(sentences.Length, sentences.Select(text => string.Join(' ', TabletopPolicy.Tokenizer.Encode(text))).Distinct()
            .Count());
    }

    [Fact]
    public void The_policys_tokenizer_splits_sentences_as_the_benchmark_does_and_knows_every_word()
    {
        foreach (var task in RobotTasks.All)
        {
            for (var i = 0; i < 100; i++)
            {
                var instruction = task.Sample(Split.S0.SceneSeed(4, i), Split.S0, SceneOptions.Full).Instruction;
                Assert.Equal(instruction.Words, WordTokenizer.Split(instruction.Text));
                Assert.DoesNotContain(TabletopPolicy.Tokenizer.Encode(WordTokenizer.Unknown)[0],
                    TabletopPolicy.Tokenizer.Encode(instruction.Text));
            }
        }
    }

    [Theory]
    [InlineData("pick up the scarlet cup", "scarlet")]
    [InlineData("pick <pad> cup", "<pad>")]
    public void An_unknown_word_is_refused_by_name(string text, string word) =>
        Assert.Contains($"'{word}'", Assert.Throws<ArgumentException>(() => new Instruction(text)).Message);

    [Theory]
    [InlineData("")]
    [InlineData("the the the the the the the the the the the the the")]
    public void Sentences_that_are_empty_or_too_long_are_refused(string text) =>
        Assert.Contains("words", Assert.Throws<ArgumentException>(() => new Instruction(text)).Message);

    [Fact]
    public void Each_word_knows_its_kind_and_the_object_it_names()
    {
        foreach (var task in RobotTasks.All)
        {
            for (var i = 0; i < 300; i++)
            {
                var episode = task.Sample(Split.S0.SceneSeed(4, i), Split.S0, SceneOptions.Full);
                var instruction = episode.Instruction;
                Assert.Equal(WordKind.Verb, instruction.Kinds[0]);
                for (var w = 0; w < instruction.Words.Length; w++)
                {
                    var index = instruction.ObjectIndices[w];
                    var kind = index < 0 ? default : episode.Start.Objects[index].Kind;
                    switch (instruction.Kinds[w])
                    {
                        case WordKind.Color: Assert.Equal(kind.Color.ToString(), instruction.Words[w], ignoreCase: true); break;
                        case WordKind.Shape: Assert.Equal(kind.Shape.ToString(), instruction.Words[w], ignoreCase: true); break;
                        default: Assert.Equal(-1, index); break;
                    }
                }

                var named = instruction.ObjectIndices.Where(index => index >= 0).Distinct();
                Assert.Equal(episode.Goal.Reference < 0 ? [episode.Goal.Target] : [episode.Goal.Target, episode.Goal.Reference], named);
            }
        }
    }

    [Fact]
    public void Every_template_of_every_task_is_used()
    {
        foreach (var task in RobotTasks.All)
        {
            var verbs = Enumerable.Range(0, 300).Select(i => task.Sample(Split.S0.SceneSeed(4, i), Split.S0,
                SceneOptions.Full).Instruction.Words[0]).ToHashSet();
            Assert.Equal(task.English.Trained.Select(template => template.Pattern.Split(' ')[0]).ToHashSet(), verbs);
        }
    }

    [Fact]
    public void A_hole_that_nothing_fills_is_refused()
    {
        var scene = RobotTasks.Find("pick").Sample(1, Split.S0, SceneOptions.Full).Start;
        Assert.Contains("relation", Assert.Throws<ArgumentException>(() =>
            new Template("take the {target shape} {relation} the {reference}").Fill(scene, 0, 1)).Message);
        Assert.Contains("nonsense", Assert.Throws<ArgumentException>(() => new Template("take the {nonsense}").Fill(scene, 0)).Message);
    }
}
