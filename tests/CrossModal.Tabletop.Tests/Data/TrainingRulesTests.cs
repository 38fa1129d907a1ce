using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Data;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Data;

/// <summary>What partial names and colours without a name must never do.</summary>
public sealed class TrainingRulesTests
{
    private const int Samples = 4000;
    private static readonly SampleOptions Options = new() { PartialNames = 0.5f, UnnamedColors = 0.4f, ShapeLessons = 0.2f };
    private static readonly SampleSource Source = new(RobotTasks.All, Options);
    private static readonly TrainingSample[] Drawn = [.. Enumerable.Range(0, Samples).Select(i => Source.Draw(i, 0.2f))];

    [Fact]
    public void No_scene_holds_a_held_out_pair_and_no_unnamed_colour_is_near_one_that_has_a_name()
    {
        var things = Drawn.SelectMany(sample => sample.Scene.Objects).ToList();
        Assert.DoesNotContain(things, thing => HeldOutPairs.Contains(thing.Kind));
        Assert.All(things, thing => Assert.True(thing.Kind.IsNamed ? thing.Tint == default : UnnamedColors.IsUnnamed(thing.Tint),
            $"{thing} {thing.Tint}"));
        Assert.All(things, thing => Assert.True(thing.Kind.IsNamed || !thing.IsPlate));
        foreach (var (r, g, b) in ((byte, byte, byte)[])[(205, 35, 40), (103, 18, 20), (35, 150, 60), (40, 85, 215), (238, 208, 30),
            (135, 55, 170), (245, 130, 25), (206, 200, 188), (20, 20, 21)])
            Assert.False(UnnamedColors.IsUnnamed(new Tint(r, g, b)), $"{r} {g} {b}");
        Assert.True(UnnamedColors.IsUnnamed(new Tint(40, 210, 210)));

        // Enough of them that a shape is seen in many colours.
        Assert.InRange(things.Count(thing => !thing.Kind.IsNamed) / (double)things.Count(thing => !thing.IsPlate), 0.35, 0.6);
        Assert.True(things.Where(thing => !thing.Kind.IsNamed).Select(thing => thing.Tint).Distinct().Count() > 1000);
    }

    [Fact]
    public void Every_name_finds_exactly_the_thing_meant()
    {
        var (byColor, byShape, full) = (0, 0, 0);
        foreach (var sample in Drawn)
            foreach (var labeled in sample.Instructions)
            {
                var words = labeled.Instruction;
                foreach (var index in words.ObjectIndices.Where(i => i >= 0).Distinct())
                {
                    var said = words.Words.Where((_, w) => words.ObjectIndices[w] == index).ToList();
                    var relational = labeled.Goal.Relation != Relation.None && index == labeled.Goal.Target;
                    if (relational) continue;
                    var found = Enumerable.Range(0, sample.Scene.Objects.Length).Where(i => Answers(sample.Scene.Objects[i].Kind, said))
                        .ToList();
                    Assert.True(found is [var only] && only == index, $"'{words}' of {string.Join("; ", sample.Scene.Objects)}");
                    full += said.Count == 2 ? 1 : 0;
                    byColor += said.Count == 1 && words.Words.Contains("one") ? 1 : 0;
                    byShape += said.Count == 1 && !words.Words.Contains("one") ? 1 : 0;
                }
            }

        Assert.True(byColor > 300 && byShape > 300 && full > 3000, $"{byColor} {byShape} {full}");

        static bool Answers(ObjectKind kind, List<string> said) => said.All(word => kind.ToString().Split(' ').Contains(word));
    }

    [Fact]
    public void Only_trained_words_are_said_and_no_sentence_of_the_test_splits()
    {
        var said = Drawn.SelectMany(sample => sample.Instructions).Select(labeled => labeled.Instruction).ToList();
        Assert.All(said, instruction => Assert.All(instruction.Words, word => Assert.Contains(word, Vocabulary.Words)));
        Assert.DoesNotContain(said, instruction => instruction.Words.Contains("unnamed"));
        var unseen = RobotTasks.All.SelectMany(task => task.English.Unseen).Select(t => Frame(t.Pattern)).ToHashSet();
        Assert.DoesNotContain(said, instruction => unseen.Contains(Said(instruction)));

        // What a sentence is without the things it names.
        static string Frame(string pattern) => System.Text.RegularExpressions.Regex.Replace(pattern, @"\{(target|reference)[^}]*\}", "_").Replace("{direction}", "=", StringComparison.Ordinal).Replace("{relation}", "=", StringComparison.Ordinal);
        static string Said(Instruction instruction)
        {
            var words = new List<string>();
            for (var w = 0; w < instruction.Words.Length; w++)
            {
                var word = instruction.ObjectIndices[w] >= 0 ? "_"
                    : instruction.Kinds[w] == WordKind.Relation && instruction.Words[w] is not ("on" or "onto") ? "="
                    : instruction.Words[w];
                if (word != "one" && !(words.Count > 0 && words[^1] == word)) words.Add(word);
            }

            return string.Join(' ', words);
        }
    }

    [Fact]
    public void A_lesson_in_shapes_has_no_named_colour_and_no_shape_twice()
    {
        var source = new SampleSource([RobotTasks.Find("pick")], new SampleOptions { ShapeLessons = 1 });
        for (var i = 0; i < 200; i++)
        {
            var sample = source.Draw(i);
            Assert.All(sample.Scene.Objects, thing => Assert.False(thing.Kind.IsNamed));
            Assert.Equal(sample.Scene.Objects.Length, sample.Scene.Objects.Select(thing => thing.Kind.Shape).Distinct().Count());
            Assert.All(sample.Instructions, labeled => Assert.Contains(WordKind.Shape, labeled.Instruction.Kinds));
            Assert.All(sample.Instructions, labeled => Assert.DoesNotContain(WordKind.Color, labeled.Instruction.Kinds));
        }
    }

    [Fact]
    public void Samples_are_functions_of_seed_and_number_alone()
    {
        var again = new SampleSource(RobotTasks.All, Options);
        for (var i = 99; i >= 0; i--)
        {
            Assert.Equal(Drawn[i].Scene.Objects.ToArray(), again.Draw(i, 0.2f).Scene.Objects.ToArray());
            Assert.Equal(Drawn[i].Instructions.Select(l => l.Instruction.Text),
                again.Draw(i, 0.2f).Instructions.Select(l => l.Instruction.Text));
        }
    }

    [Fact]
    public void Points_are_the_thing_and_where_it_goes()
    {
        foreach (var sample in Drawn.Take(1000))
            foreach (var labeled in sample.Instructions)
            {
                var thing = sample.Scene.Objects[labeled.Goal.Target].Position;
                Assert.Equal(thing.X / Board.HalfSide, labeled.Points.Thing.X, 1e-6f);
                var place = labeled.Goal.Reference >= 0 ? sample.Scene.Objects[labeled.Goal.Reference].Position
                    : labeled.Goal.Direction != Direction.None
                        ? Expert.PushExpert.Behind(sample.Scene.Objects[labeled.Goal.Target], labeled.Goal.Direction)
                    : thing;
                Assert.Equal(place.X / Board.HalfSide, labeled.Points.Place.X, 1e-6f);
                Assert.Equal(place.Y / Board.HalfSide, labeled.Points.Place.Y, 1e-6f);
            }
    }

    [Fact]
    public void Shares_that_make_no_sense_are_refused()
    {
        foreach (var wrong in (SampleOptions[])[Options with { PartialNames = 1.1f }, Options with { UnnamedColors = -0.1f },
            Options with { ShapeLessons = float.NaN }])
            Assert.Throws<ArgumentException>(() => new SampleSource(RobotTasks.All, wrong));
    }
}
