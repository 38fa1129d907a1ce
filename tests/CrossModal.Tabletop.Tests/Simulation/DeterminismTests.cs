using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Simulation;

public sealed class DeterminismTests
{
    [Fact]
    public void The_same_seed_gives_the_same_bits_on_two_threads()
    {
        ulong first = 0, second = 0;
        var a = new Thread(() => first = HashOfRandomEpisodes());
        var b = new Thread(() => second = HashOfRandomEpisodes());
        a.Start();
        b.Start();
        a.Join();
        b.Join();
        Assert.Equal(first, second);
    }

    // A change of this number is a change of the benchmark: results before and after are not comparable.
    [Fact]
    public void Random_episodes_keep_their_stored_hash() => Assert.Equal(833844616100101775UL, HashOfRandomEpisodes());

    private static ulong HashOfRandomEpisodes()
    {
        var hash = 14695981039346656037UL;
        var camera = new TabletopCamera();
        var frame = new CameraFrame();
        foreach (var task in RobotTasks.All)
        {
            for (var i = 0; i < 20; i++)
            {
                var episode = task.Sample(Split.S0.SceneSeed(42, i), Split.S0, SceneOptions.Full);
                var random = new SceneRandom((ulong)i);
                var simulator = new Simulator(episode.Start);
                foreach (var letter in episode.Instruction.Text)
                    Add(letter);
                for (var step = 0; step < 60; step++)
                {
                    // Mostly the expert, some noise: grasps, pushes, drops and collisions all occur.
                    var action = random.NextBool(0.7f) ? task.Label(simulator.Scene, episode.Goal).Action : new RobotAction(
                        random.NextFloat(-0.03f, 0.03f), random.NextFloat(-0.03f, 0.03f), random.NextFloat(-0.03f, 0.01f), random.NextBool(0.5f));
                    simulator.Step(action);
                    AddState(simulator.Scene);
                    if (step % 20 != 0)
                        continue;
                    camera.Render(simulator.Scene, frame);
                    foreach (var value in frame.Rgb)
                        Add(value);
                }
            }
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
