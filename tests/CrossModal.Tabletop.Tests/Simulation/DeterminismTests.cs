using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Simulation;

public sealed class DeterminismTests
{
    private const int Episodes = 1000;
    private const int Steps = 30;

    // A change of this number is a change of the benchmark: results before and after are not comparable.
    private const ulong Stored = 1260465760438700271UL;

    [Fact]
    public void A_thousand_random_episodes_keep_their_stored_hash_on_two_threads_at_once()
    {
        ulong first = 0, second = 0;
        var a = new Thread(() => first = HashOfRandomEpisodes());
        var b = new Thread(() => second = HashOfRandomEpisodes());
        a.Start();
        b.Start();
        a.Join();
        b.Join();
        Assert.Equal((Stored, Stored), (first, second));
    }

    private static ulong HashOfRandomEpisodes()
    {
        var hash = 14695981039346656037UL;
        var camera = new TabletopCamera();
        var frame = new CameraFrame();
        for (var i = 0; i < Episodes; i++)
        {
            var task = RobotTasks.All[i % RobotTasks.All.Count];
            var split = Split.All[i / RobotTasks.All.Count % Split.All.Count];
            var episode = task.Sample(split.SceneSeed(42, i), split, i % 3 == 0 ? SceneOptions.Training : SceneOptions.Full);
            var random = new RandomSource((ulong)i, RandomSource.SeedAlone);
            var simulator = new Simulator(episode.Start);
            foreach (var letter in episode.Instruction.Text)
                Add(letter);
            for (var step = 0; step < Steps; step++)
            {
                // Mostly the expert, some noise: grasps, pushes, drops and collisions all occur.
                var action = random.NextBool(0.7f) ? task.Label(simulator.Scene, episode.Goal).Action : new RobotAction(
                    random.NextSingle(-0.03f, 0.03f), random.NextSingle(-0.03f, 0.03f), random.NextSingle(-0.03f, 0.01f),
                        random.NextBool(0.5f));
                simulator.Step(action);
                AddState(simulator.Scene);
            }

            camera.Render(simulator.Scene, frame);
            foreach (var value in frame.Rgb)
                Add(value);
        }

        return hash;

        void AddState(Scene scene)
        {
            foreach (var thing in scene.Objects)
                AddPoint(thing.Position);
            AddPoint(scene.Gripper.Tool);
            Add(BitConverter.SingleToUInt32Bits(scene.Gripper.Opening));
            Add((uint)scene.Gripper.Held);
        }

        void AddPoint(Point point)
        {
            Add(BitConverter.SingleToUInt32Bits(point.X));
            Add(BitConverter.SingleToUInt32Bits(point.Y));
            Add(BitConverter.SingleToUInt32Bits(point.Z));
        }

        void Add(uint value) => hash = (hash ^ value) * 1099511628211UL;
    }
}
