using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Evaluation;

public sealed class ControlTests
{
    public static TheoryData<string> Names => [.. RobotTasks.All.Select(task => task.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Another_episodes_instruction_has_other_token_ids_and_the_goal_stays(string name)
    {
        var task = RobotTasks.Find(name);
        foreach (var split in Split.Judged)
        {
            for (var i = 0; i < 50; i++)
            {
                var own = EpisodeSource.Draw(task, split, new EvaluationOptions { Seed = 3 }, i)!;
                var shuffled = EpisodeSource.Draw(task, split,
                    new EvaluationOptions { Seed = 3, Asked = AskedInstruction.OfAnotherEpisode }, i)!;
                Assert.Equal((own.Goal, own.Seed), (shuffled.Goal, shuffled.Seed));
                Assert.True(own.Start.Objects.AsSpan().SequenceEqual(shuffled.Start.Objects.AsSpan()));
                Assert.NotEqual(own.Instruction.Text, shuffled.Instruction.Text);

                // Names by unseen words are all one unknown token to the policy's tokenizer: nothing but the sentence around them can
                // differ.
                if (split != Split.Z2b)
                    Assert.NotEqual(TabletopPolicy.Tokenizer.Encode(own.Instruction.Text),
                        TabletopPolicy.Tokenizer.Encode(shuffled.Instruction.Text));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Another_goal_in_the_same_scene_is_a_goal_of_that_scene_with_other_token_ids(string name)
    {
        var task = RobotTasks.Find(name);
        foreach (var split in Split.Judged)
        {
            var found = 0;
            for (var i = 0; i < 50; i++)
            {
                var own = EpisodeSource.Draw(task, split, new EvaluationOptions { Seed = 3 }, i)!;
                if (EpisodeSource.Draw(task, split, new EvaluationOptions { Seed = 3, Asked = AskedInstruction.ForAnotherGoal },
                    i) is not { } other)
                {
                    Assert.Single(task.Goals(own.Start));
                    continue;
                }

                found++;
                Assert.True(own.Start.Objects.AsSpan().SequenceEqual(other.Start.Objects.AsSpan()));
                Assert.NotEqual(own.Goal, other.Goal);
                Assert.Contains(other.Goal, task.Goals(own.Start));
                if (split != Split.Z2b)
                    Assert.NotEqual(TabletopPolicy.Tokenizer.Encode(own.Instruction.Text),
                        TabletopPolicy.Tokenizer.Encode(other.Instruction.Text));
            }

            Assert.True(found >= 40, $"{name} {split}: {found} of 50 scenes allow another goal");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Who_does_as_told_changes_behaviour_and_succeeds_and_who_does_not_listen_does_neither(string name)
    {
        var task = RobotTasks.Find(name);
        EvaluationOptions own = new() { Episodes = 100 }, other = own with { Asked = AskedInstruction.ForAnotherGoal };
        var (told, toldOtherwise) = (EpisodeRunner.Run(new ExpertPolicy(task), task, Split.S0, own),
            EpisodeRunner.Run(new ExpertPolicy(task), task, Split.S0, other));
        Assert.True(toldOtherwise.Success.Rate >= 0.99, ExpertTests.Describe(toldOtherwise));
        Assert.True(BehaviourChange.Between(told, toldOtherwise).Rate >= 0.99);

        var deaf = EpisodeRunner.Run(new DeafPolicy(task), task, Split.S0, own);
        var deafOtherwise = EpisodeRunner.Run(new DeafPolicy(task), task, Split.S0, other);
        Assert.True(BehaviourChange.Between(deaf, deafOtherwise).Rate <= 0.02, $"{BehaviourChange.Between(deaf, deafOtherwise)}");
        Assert.Throws<ArgumentException>(() => BehaviourChange.Between(told, deafOtherwise with { Seed = 9 }));

        // Who guesses a goal succeeds as often as the chance level says.
        Assert.InRange(deaf.Success.Rate, deaf.Chance - 0.13, deaf.Chance + 0.13);
    }

    [Fact]
    public void The_chance_level_is_one_over_what_could_be_meant()
    {
        Assert.All(Run("pick").Episodes, episode => Assert.Equal(1.0 / 4, episode.Chance));
        Assert.All(Run("place").Episodes, episode => Assert.Equal(1.0 / 8, episode.Chance));
        Assert.All(Run("relational").Episodes, episode => Assert.Equal(1.0 / 3, episode.Chance));
        Assert.InRange(Run("push").Chance, 0.12, 0.28);

        static EvaluationResult Run(string name) =>
            EpisodeRunner.Run(new RandomPolicy(1), RobotTasks.Find(name), Split.S0, new EvaluationOptions { Episodes = 40 });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Pointing_is_judged_at_the_first_step_against_what_every_other_thing_would_be(string name)
    {
        var task = RobotTasks.Find(name);
        foreach (var meaning in (Pointing[])[Pointing.Heading, Pointing.Thing])
        {
            var options = new EvaluationOptions { Episodes = 60 };
            var exact = EpisodeRunner.Run(new PointingExpert(task, meaning, 0), task, Split.S0, options);
            Assert.Equal(1, exact.PointingAccuracy.Rate);
            Assert.Equal(0, exact.MeanTargetError, tolerance: 1e-6);
            var off = EpisodeRunner.Run(new PointingExpert(task, meaning, 0.01f), task, Split.S0, options);
            Assert.Equal(0.01, off.MeanTargetError, tolerance: 1e-5);
            Assert.True(off.PointingAccuracy.Rate > 0.9);
            var lost = EpisodeRunner.Run(new PointingExpert(task, meaning, 1), task, Split.S0, options);
            Assert.InRange(lost.PointingAccuracy.Rate, 0, 0.6);
        }

        var silent = EpisodeRunner.Run(new ExpertPolicy(task), task, Split.S0, new EvaluationOptions { Episodes = 3 });
        Assert.True(double.IsNaN(silent.MeanTargetError) && double.IsNaN(silent.PointingAccuracy.Rate));
    }

    /// <summary>Does whatever the task could ask for first, by the scene alone, and never listens; its choice is arbitrary, so it is right
    /// by chance.</summary>
    private sealed class DeafPolicy(RobotTask task) : IPolicy
    {
        private readonly Dictionary<int, Goal> _chosen = [];

        public bool UsesCamera => false;

        public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
        {
            for (var i = 0; i < observations.Length; i++)
            {
                var (scene, index) = (observations[i].Scene, observations[i].EpisodeIndex);
                if (!_chosen.TryGetValue(index, out var goal))
                {
                    var goals = task.Goals(scene);
                    var random = new RandomSource((ulong)index + 77, RandomSource.SeedAlone);
                    var candidates = scene.Objects.Select((thing, at) => (thing.Kind.Shape, at)).GroupBy(pair => pair.Shape)
                        .MaxBy(group => group.Count())!.ToArray();
                    goal = task.Name == "relational" ? new Goal(candidates[random.NextInt(candidates.Length)].at)
                        : goals[random.NextInt(goals.Count)];
                    _chosen[index] = goal;
                }

                actions[i] = task.Label(scene, goal).Action;
            }
        }
    }

    private sealed class PointingExpert(RobotTask task, Pointing meaning, float error) : IPolicy
    {
        public bool UsesCamera => false;

        public Pointing Pointing => meaning;

        public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
        {
            for (var i = 0; i < observations.Length; i++)
            {
                var (scene, goal) = (observations[i].Scene, observations[i].Goal);
                var label = task.Label(scene, goal);
                var point = meaning == Pointing.Heading ? label.Target : scene.Objects[goal.Target].Position;
                observations[i].Pointed = point with { X = point.X + error };
                actions[i] = label.Action;
            }
        }
    }
}
