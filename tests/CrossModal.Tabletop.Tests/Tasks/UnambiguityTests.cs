using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Tasks;

/// <summary>Reads the sentences again, word by word and without the library's code, and asks what they mean in their scenes.</summary>
public sealed class UnambiguityTests
{
    private static readonly string[] Colors = ["red", "green", "blue", "yellow", "purple", "orange"];
    private static readonly string[] Shapes = ["cup", "cube", "cylinder", "ball", "star", "plate"];

    [Theory]
    [InlineData("pick")]
    [InlineData("place")]
    [InlineData("push")]
    [InlineData("relational")]
    public void Every_instruction_has_exactly_one_meaning_in_2000_scenes(string taskName)
    {
        var task = RobotTasks.Find(taskName);
        for (var i = 0; i < 2000; i++)
        {
            var split = i % 2 == 0 ? Split.S0 : Split.Z1;
            var episode = task.Sample(split.SceneSeed(7, i), split, i % 5 == 0 ? SceneOptions.Small : SceneOptions.Full);
            AssertMeans(episode.Start, episode.Goal, episode.Instruction);
            var random = new SceneRandom((ulong)i);
            var goals = task.Goals(episode.Start);
            Assert.Contains(episode.Goal, goals);
            foreach (var goal in goals)
                AssertMeans(episode.Start, goal, task.Describe(episode.Start, goal, random));
        }
    }

    private static void AssertMeans(Scene scene, Goal goal, Instruction instruction)
    {
        var (targets, references) = Resolve(scene, instruction.Text);
        Assert.True(targets.Count == 1 && targets[0] == goal.Target, $"'{instruction}' finds {string.Join(",", targets)} instead of {goal.Target} among {string.Join("; ", scene.Objects)}");
        if (goal.Reference >= 0)
            Assert.Equal([goal.Reference], references);
        var wayTo = instruction.Text.IndexOf(" to the ", StringComparison.Ordinal);
        Assert.Equal(goal.Direction.ToString(), wayTo < 0 ? "None" : instruction.Text[(wayTo + 8)..], ignoreCase: true);
    }

    private static (List<int> Targets, List<int> References) Resolve(Scene scene, string text)
    {
        var words = text.Split(" to the ")[0].Split(' ').Where(word => word is not ("the" or "of" or "in")).ToList();
        var preposition = words.FindIndex(word => word is "left" or "right" or "behind" or "front" or "on" or "onto");
        var first = Matching(scene, preposition < 0 ? words : words[..preposition]);
        if (preposition < 0)
            return (first, []);
        var second = Matching(scene, words[(preposition + 1)..]);
        if (words[preposition] is "on" or "onto")
            return (first, second);
        return ([.. first.Where(i => second.Any(j => j != i && Relates(words[preposition], scene.Objects[i].Position, scene.Objects[j].Position)))], second);
    }

    private static List<int> Matching(Scene scene, List<string> words) =>
    [
        .. Enumerable.Range(0, scene.Objects.Length).Where(i => words.All(word =>
            (!Colors.Contains(word) || Array.IndexOf(Colors, word) == (int)scene.Objects[i].Kind.Color)
            && (!Shapes.Contains(word) || Array.IndexOf(Shapes, word) == (int)scene.Objects[i].Kind.Shape))),
    ];

    // By angle: in the quarter around the direction, give or take 5°.
    private static bool Relates(string word, Point thing, Point reference)
    {
        var angle = Math.Atan2(thing.Y - reference.Y, thing.X - reference.X) * 180 / Math.PI;
        var axis = word switch { "right" => 0, "behind" => 90, "left" => 180, _ => -90 };
        var off = Math.Abs(Math.IEEERemainder(angle - axis, 360));
        return off < 50;
    }
}
