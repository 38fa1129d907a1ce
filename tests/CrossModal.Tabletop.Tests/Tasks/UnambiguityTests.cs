using System.Text.RegularExpressions;
using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Tasks;

/// <summary>Reads the sentences again, from their words alone and without the library's code, and asks what they mean in their
/// scenes.</summary>
public sealed partial class UnambiguityTests
{
    private const int Scenes = 2500;

    private static readonly Dictionary<string, int> Colors =
        Numbered("red crimson", "green emerald", "blue azure", "yellow golden", "purple violet", "orange amber");
    private static readonly Dictionary<string, int> Shapes =
        Numbered("cup mug", "cube block", "cylinder can", "ball sphere", "star pentagram", "plate saucer");

    [Theory]
    [InlineData("pick")]
    [InlineData("place")]
    [InlineData("push")]
    [InlineData("relational")]
    public void Every_instruction_has_exactly_one_meaning_in_2500_scenes_of_all_splits(string taskName)
    {
        var task = RobotTasks.Find(taskName);
        for (var i = 0; i < Scenes; i++)
        {
            var split = Split.All[i % Split.All.Count];
            var episode = task.Sample(split.SceneSeed(7, i), split, i % 5 == 0 ? SceneOptions.Small : SceneOptions.Full);
            AssertMeans(episode.Start, episode.Goal, episode.Instruction);
            var goals = task.Goals(episode.Start);
            Assert.Contains(episode.Goal, goals);
            if (i % 4 != 0) continue;
            var random = new RandomSource((ulong)i, RandomSource.SeedAlone);
            foreach (var goal in goals)
                AssertMeans(episode.Start, goal, task.Describe(episode.Start, goal, random, split.Sentences));
        }
    }

    [Fact]
    public void The_reading_notices_a_wrong_word()
    {
        var episode = RobotTasks.Find("pick").Sample(1, Split.S0, SceneOptions.Full);
        var other = episode.Start.Objects.First(thing => thing.Kind.Color != episode.Start.Objects[episode.Goal.Target].Kind.Color);
        Assert.ThrowsAny<Exception>(() => AssertMeans(episode.Start, episode.Goal, new Instruction($"pick up the {other.Kind}")));
        Assert.ThrowsAny<Exception>(() => AssertMeans(episode.Start, episode.Goal, new Instruction($"pick up the {other.Kind.Shape}")));
    }

    private static void AssertMeans(Scene scene, Goal goal, Instruction instruction)
    {
        var (targets, references, direction) = Resolve(scene, instruction.Text);
        Assert.True(targets.Count == 1 && targets[0] == goal.Target,
            $"'{instruction}' finds {string.Join(",", targets)} instead of {goal.Target} among {string.Join("; ", scene.Objects)}");
        Assert.Equal(goal.Reference < 0 ? [] : [goal.Reference], references);
        Assert.Equal(goal.Direction == Direction.None ? "" : goal.Direction.ToString(), direction, ignoreCase: true);
    }

    private static (List<int> Targets, List<int> References, string Direction) Resolve(Scene scene, string text)
    {
        var direction = Heading().Match(text).Groups[1].Value;
        List<int> targets = [], references = [];
        string relation = "";
        foreach (Match name in Named().Matches(text))
        {
            var things = Matching(scene, name.Groups["name"].Value.Split(' '));
            var before = name.Groups["before"].Value;
            if (before.Length == 0) targets.AddRange(things);
            else (relation, references) = (before, things);
        }

        if (relation is not ("" or "on" or "onto"))
            targets = [.. targets.Where(i => references.Any(j => j != i
                && Relates(relation, scene.Objects[i].Position, scene.Objects[j].Position)))];
        return (targets, references, direction);
    }

    private static List<int> Matching(Scene scene, string[] words) =>
    [
        .. Enumerable.Range(0, scene.Objects.Length).Where(i => words.All(word =>
            Colors.TryGetValue(word, out var color) ? color == (int)scene.Objects[i].Kind.Color
                : Shapes[word] == (int)scene.Objects[i].Kind.Shape)),
    ];

    // By angle: in the quarter around the direction, give or take 5°.
    private static bool Relates(string words, Point thing, Point reference)
    {
        var angle = Math.Atan2(thing.Y - reference.Y, thing.X - reference.X) * 180 / Math.PI;
        var axis = words switch
        {
            "right of" => 0,
            "behind" => 90,
            "left of" => 180,
            "in front of" => -90,
            _ =>
            throw new ArgumentException(words)
        };
        return Math.Abs(Math.IEEERemainder(angle - axis, 360)) < 50;
    }

    private static Dictionary<string, int> Numbered(params string[] words) =>
        words.SelectMany((names, number) => names.Split(' ').Select(name => (name, number)))
            .ToDictionary(pair => pair.name, pair => pair.number);

    [GeneratedRegex(@"\bto the (left|right|back|front)\b")]
    private static partial Regex Heading();

    [GeneratedRegex(@"(?:\b(?<before>on|onto|left of|right of|in front of|behind) )?\bthe (?!left\b|right\b|back\b|front\b)(?<name>\w+(?: (?:cup|mug|cube|block|cylinder|can|ball|sphere|star|pentagram|plate|saucer))?)\b")]
    private static partial Regex Named();
}
