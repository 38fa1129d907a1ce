using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Tests.Docs;

namespace CrossModal.Tests.Policies;

/// <summary>Tests that change what belongs to the whole process, such as its current folder: they run when no other test does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>The six lines of both READMEs, run on a saved policy and 640×480 frames.</summary>
[Collection(nameof(Alone))]
public sealed class ReadmePolicyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-readme-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_six_lines_run_as_they_stand()
    {
        PolicyFolder.Save(Path.Combine(_folder, "runs/demo"), SmallPolicy.Create());
        var (camera, robot, before) = (new Camera(), new Robot(), Directory.GetCurrentDirectory());
        Directory.SetCurrentDirectory(_folder);
        try
        {
            using var policy = Policy.Load("runs/demo");
            var words = policy.SetInstruction("pick up the red cup");
            while (camera.Next() is { } frame)
            {
                var decision = policy.Act(new Observation(frame) { State = robot.State });
                robot.Move(decision.Action);
            }

            policy.Explain("red").Save("red.png");
            Assert.Equal(["the"], words.Unknown);
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }

        Assert.Equal(Camera.Frames, robot.Moves);
        Assert.Equal((640, 480), (Png.Read(Path.Combine(_folder, "red.png")).Width, Png.Read(Path.Combine(_folder, "red.png")).Height));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("README.zh-CN.md")]
    public void They_are_the_lines_of_the_readme(string readme)
    {
        var code = Repository.Read("tests/CrossModal.Tests/Policies/ReadmePolicyTests.cs").Split('\n').Select(l => l.Trim()).ToHashSet();
        var block = new Markdown(Repository.Read(readme)).Blocks.Single(b =>
            b.Lines.Any(l => l.StartsWith("using CrossModal.Policies;", StringComparison.Ordinal))).Lines;
        var lines = block.Select(l => l.Split("//")[0].Trim()).Where(l => l.Length > 0).ToList();
        Assert.InRange(lines.Count, 8, 12);
        Assert.All(lines, line => Assert.Contains(line, code));
    }

    private sealed class Camera
    {
        public const int Frames = 3;
        private int _given;

        public RgbImage? Next()
        {
            if (_given++ == Frames) return null;
            var frame = new RgbImage(640, 480);
            new Random(_given).NextBytes(frame.Pixels);
            return frame;
        }
    }

    private sealed class Robot
    {
        public float[] State { get; } = new float[SmallPolicy.Proprioception];

        public int Moves { get; private set; }

        public void Move(ReadOnlySpan<float> action)
        {
            Assert.Equal(4, action.Length);
            Moves++;
        }
    }
}
