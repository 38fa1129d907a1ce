using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Onnx.Tests;

/// <summary>An exported policy drives the robot as the library's does.</summary>
public sealed class ClosedLoopTests
{
    private const string Variable = "CROSSMODAL_POLICY";

    [RuntimeTheory]
    [InlineData(17, 0)]
    [InlineData(23, 0)]
    [InlineData(23, 2)]
    public void Every_command_of_twelve_episodes_equals_the_librarys(int opset, int past)
    {
        var recipe = new TabletopRecipe { Steps = 12, Scenes = 4, ImageSize = 32 };
        var made = new TabletopLossSource("cross-attention", new FusionOptions(32, 4, 2), recipe).Policy.Policy.Options;
        var trainer = new PolicyTrainer(new TabletopLossSource(
            made with { Perception = new PerceptionOptions { PastFrames = past } }, recipe));
        trainer.Run(progress: null);
        var trained = trainer.Policy;
        using var folder = new TemporaryFolder();
        Onnx.Export(trained, folder["policy.onnx"], new OnnxOptions { Opset = opset });
        using var model = new OnnxModelRun(folder["policy.onnx"]);
        using var library = new TabletopPolicy(trained);
        var both = new Both(library, new OnnxTabletopPolicy(trained, model));
        var options = new EvaluationOptions { Episodes = 12, BatchSize = 5, CameraSize = 32 };
        EpisodeRunner.Run(both, RobotTasks.Find("pick"), Split.S0, options);
        Assert.True(both.Commands >= 12 * 20, $"{both.Commands} commands");
        Assert.True(both.Difference <= Near.Tolerance, $"commands differ by {both.Difference:g3}");
        Assert.Equal(0, both.OtherGrips);
    }

    [PolicyFact(Variable)]
    public void A_trained_policy_succeeds_in_as_many_of_two_hundred_episodes_as_the_librarys()
    {
        var trained = PolicyFolder.Load(Environment.GetEnvironmentVariable(Variable)!);
        var options = new EvaluationOptions { Episodes = 200, BatchSize = 25, Seed = 1, CameraSize = trained.Policy.Options.ImageSize };
        using var library = new TabletopPolicy(trained);
        var expected = EpisodeRunner.Run(library, RobotTasks.Find("pick"), Split.S0, options);
        using var folder = new TemporaryFolder();
        foreach (var opset in OnnxOptions.Opsets)
        {
            Onnx.Export(trained, folder["policy.onnx"], new OnnxOptions { Opset = opset });
            using var model = new OnnxModelRun(folder["policy.onnx"]);
            var result = EpisodeRunner.Run(new OnnxTabletopPolicy(trained, model), RobotTasks.Find("pick"), Split.S0, options);
            var alike = result.Episodes.Zip(expected.Episodes).Count(pair => pair.First.Success == pair.Second.Success);
            Console.WriteLine($"opset {opset}: {result.Successes} of 200 episodes, the library {expected.Successes}; {alike} alike");
            Assert.Equal(expected.Successes, result.Successes);
        }
    }

    /// <summary>Acts as the first does, and compares what the second would do.</summary>
    private sealed class Both(IPolicy acting, IPolicy compared) : IPolicy
    {
        public int Commands { get; private set; }

        public int OtherGrips { get; private set; }

        public float Difference { get; private set; }

        public Pointing Pointing => acting.Pointing;

        public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
        {
            var others = new RobotAction[actions.Length];
            compared.Act(observations, others);
            acting.Act(observations, actions);
            for (var i = 0; i < others.Length; i++)
            {
                var (a, b) = (actions[i], others[i]);
                Commands++;
                OtherGrips += a.Close == b.Close ? 0 : 1;
                Difference = MathF.Max(Difference, MathF.Max(MathF.Abs(a.Dx - b.Dx),
                    MathF.Max(MathF.Abs(a.Dy - b.Dy), MathF.Abs(a.Dz - b.Dz))));
            }
        }
    }
}
