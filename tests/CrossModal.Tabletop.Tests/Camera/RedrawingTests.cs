using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Camera;

public sealed class RedrawingTests
{
    [Theory]
    [InlineData(CameraView.Front, 64, false)]
    [InlineData(CameraView.Front, 96, true)]
    [InlineData(CameraView.Side, 64, true)]
    [InlineData(CameraView.Side, 96, false)]
    public void A_frame_that_shows_the_step_before_becomes_the_picture_drawn_from_nothing(CameraView view, int size, bool varied)
    {
        var (camera, kept) = (new TabletopCamera(size, view), new CameraFrame(size));
        for (var i = 0; i < 40; i++)
        {
            // Mostly the expert, some noise: things are lifted, pushed, dropped and carried before others.
            var task = RobotTasks.All[i % RobotTasks.All.Count];
            var episode = task.Sample(Split.S0.SceneSeed(3, i), Split.S0, SceneOptions.Full);
            var (simulator, random) = (new Simulator(episode.Start), new RandomSource((ulong)i, RandomSource.SeedAlone));
            var appearance = varied ? Appearance.Draw((ulong)i) : null;
            for (var step = 0; step < 30; step++)
            {
                var action = random.NextBool(0.7f) ? task.Label(simulator.Scene, episode.Goal).Action : new RobotAction(
                    random.NextSingle(-0.03f, 0.03f), random.NextSingle(-0.03f, 0.03f), random.NextSingle(-0.03f, 0.01f),
                        random.NextBool(0.5f));
                simulator.Step(action);
                camera.Render(simulator.Scene, kept, appearance);
                Same(camera, simulator.Scene, kept, appearance, $"{task.Name} {i}, step {step}");
            }
        }
    }

    [Fact]
    public void Another_camera_another_look_or_another_number_of_things_is_drawn_whole()
    {
        var (front, side, frame) = (new TabletopCamera(), new TabletopCamera(64, CameraView.Side), new CameraFrame());
        var scene = RobotTasks.All[0].Sample(5, Split.S0, SceneOptions.Full).Start;
        var fewer = new Scene(scene.Objects.RemoveAt(0), scene.Gripper);
        front.Render(scene, frame);
        side.Render(scene, frame);
        Same(side, scene, frame, null, "another camera");
        var appearance = Appearance.Draw(1);
        side.Render(scene, frame, appearance);
        Same(side, scene, frame, appearance, "another appearance");
        side.Render(fewer, frame, appearance);
        Same(side, fewer, frame, appearance, "fewer things");
    }

    [Fact]
    public void Nothing_is_drawn_where_nothing_moved()
    {
        var (camera, frame) = (new TabletopCamera(), new CameraFrame());
        var scene = RobotTasks.All[0].Sample(5, Split.S0, SceneOptions.Full).Start;
        camera.Render(scene, frame);
        Array.Fill(frame.Rgb, (byte)1);
        camera.Render(scene.With(scene.Gripper with { Opening = 0.01f }), frame);
        var drawn = Enumerable.Range(0, frame.Size * frame.Size)
            .Count(pixel => !frame.Rgb.AsSpan(pixel * 3, 3).SequenceEqual((ReadOnlySpan<byte>)[1, 1, 1]));
        Assert.InRange(drawn, 10, 600);
    }

    private static void Same(TabletopCamera camera, Scene scene, CameraFrame kept, Appearance? appearance, string what)
    {
        var fresh = new CameraFrame(camera.Size);
        camera.Render(scene, fresh, appearance);
        Assert.True(fresh.Rgb.AsSpan().SequenceEqual(kept.Rgb), $"{what}: colours differ");
        Assert.True(fresh.SampleIds.AsSpan().SequenceEqual(kept.SampleIds), $"{what}: masks differ");
    }
}
