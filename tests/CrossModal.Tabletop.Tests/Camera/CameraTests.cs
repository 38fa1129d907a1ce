using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Data;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Camera;

public sealed class CameraTests
{
    private static readonly TabletopCamera Overhead = new();

    [Theory]
    [InlineData(CameraView.Front, 64, false)]
    [InlineData(CameraView.Front, 96, true)]
    [InlineData(CameraView.Side, 64, true)]
    [InlineData(CameraView.Side, 96, false)]
    public void Removing_an_object_changes_only_pixels_of_its_mask(CameraView view, int size, bool varied)
    {
        var source = new SampleSource(RobotTasks.All);
        var camera = new TabletopCamera(size, view);
        var full = new CameraFrame(size);
        var without = new CameraFrame(size);
        for (var i = 0; i < 60; i++)
        {
            // A scene keeps its indices when its last object goes.
            var scene = source.Draw(i).Scene;
            var last = scene.Objects.Length - 1;
            var id = CameraFrame.IdOf(last);
            var appearance = varied ? Appearance.Draw((ulong)i) : null;
            camera.Render(scene, full, appearance);
            camera.Render(new Scene(scene.Objects.RemoveAt(last), scene.Gripper with { Held = -1 }), without, appearance);
            var changed = 0;
            for (var pixel = 0; pixel < size * size; pixel++)
            {
                var same = full.Rgb.AsSpan(pixel * 3, 3).SequenceEqual(without.Rgb.AsSpan(pixel * 3, 3));
                changed += same ? 0 : 1;
                Assert.True(same || full.Shows(pixel / size, pixel % size, id), $"sample {i}: pixel {pixel} changed outside the mask");
            }

            Assert.True(changed >= 20, $"sample {i}: removing {scene.Objects[last]} changed {changed} pixels");
        }
    }

    [Theory]
    [InlineData(0f, 0f, 0f)]
    [InlineData(0.13f, -0.12f, 0f)]
    [InlineData(-0.14f, 0.1f, 0.05f)]
    public void A_mask_lies_where_the_projection_says(float x, float y, float z)
    {
        var frame = new CameraFrame();
        for (var shape = ObjectShape.Cup; shape <= ObjectShape.Plate; shape++)
        {
            var thing = new TabletopObject(new ObjectKind(ObjectColor.Blue, shape), new Point(x, y, z), 0.0275f);
            Overhead.Render(new Scene([thing], Gripper.OpenAt(new Point(-x, -y, 0.2f))), frame);
            var (u, v) = Overhead.Project(thing.Position with { Z = thing.Top - (shape == ObjectShape.Ball ? thing.Radius : 0) });
            Assert.True(frame.Shows((int)v, (int)u, CameraFrame.IdOf(0)), $"{shape} is not drawn at ({u}, {v})");
            Assert.False(frame.Shows((int)v, (int)(u + 9), CameraFrame.IdOf(0)));
            Assert.False(frame.Shows((int)v, (int)(u - 9), CameraFrame.IdOf(0)));
        }
    }

    [Fact]
    public void The_side_camera_sees_the_back_on_its_right_and_height_upwards_and_the_whole_board()
    {
        var side = new TabletopCamera(64, CameraView.Side);
        Assert.Equal((32f, 32f), side.Project(default));
        Assert.True(side.Project(new Point(0, 0.1f, 0)).U > 44);
        Assert.Equal(32, side.Project(new Point(0, 0.1f, 0)).V, tolerance: 1e-3f);
        Assert.True(side.Project(new Point(-0.1f, 0, 0)).V < 25);
        var rise = Overhead.Project(default).V - Overhead.Project(new Point(0, 0, 0.1f)).V;
        Assert.True(side.Project(default).V - side.Project(new Point(0, 0, 0.1f)).V > 1.8 * rise);
        foreach (var view in Enum.GetValues<CameraView>())
        {
            for (var corner = 0; corner < 4; corner++)
            {
                var (u, v) = new TabletopCamera(64, view).Project(new Point(corner % 2 == 0 ? -0.2f : 0.2f, corner < 2 ? -0.2f : 0.2f, 0));
                Assert.InRange(u, 0, 64);
                Assert.InRange(v, 0, 64);
            }
        }
    }

    [Fact]
    public void An_appearance_changes_colours_and_no_mask_and_is_a_function_of_its_seed()
    {
        var source = new SampleSource(RobotTasks.All);
        CameraFrame plain = new(), one = new(), again = new(), other = new();
        for (var i = 0; i < 20; i++)
        {
            var scene = source.Draw(i).Scene;
            Overhead.Render(scene, plain);
            Overhead.Render(scene, one, Appearance.Draw((ulong)i));
            Overhead.Render(scene, again, Appearance.Draw((ulong)i));
            Overhead.Render(scene, other, Appearance.Draw((ulong)i + 1000));
            Assert.Equal(one.Rgb, again.Rgb);
            Assert.NotEqual(one.Rgb, other.Rgb);
            Assert.NotEqual(one.Rgb, plain.Rgb);
            Assert.Equal(plain.SampleIds, one.SampleIds);
        }
    }

    [Fact]
    public void In_any_light_a_thing_is_nearest_in_hue_to_its_own_colour()
    {
        var plain = Enumerable.Range(0, ObjectKind.ColorCount).Select(color => Hue(color, null)).ToArray();
        for (var seed = 0; seed < 60; seed++)
        {
            for (var color = 0; color < plain.Length; color++)
            {
                var seen = Hue(color, Appearance.Draw((ulong)seed));
                Assert.Equal(color, Enumerable.Range(0, plain.Length)
                    .MinBy(other => plain[other].Zip(seen, (a, b) => (a - b) * (a - b)).Sum()));
            }
        }

        // The middle of a cube's top, each channel over the greatest.
        static double[] Hue(int color, Appearance? appearance)
        {
            var frame = new CameraFrame();
            var thing = new TabletopObject(new ObjectKind((ObjectColor)color, ObjectShape.Cube), new Point(0, 0, 0), 0.0275f);
            Overhead.Render(new Scene([thing], Gripper.OpenAt(new Point(0.15f, 0.15f, 0.1f))), frame, appearance);
            var at = frame.Rgb.AsSpan(((28 * 64) + 32) * 3, 3).ToArray().Select(value => (double)value).ToArray();
            return [.. at.Select(value => value / at.Max())];
        }
    }

    [Fact]
    public void A_rig_draws_what_its_cameras_draw()
    {
        var scene = new SampleSource(RobotTasks.All).Draw(2).Scene;
        var rig = new CameraRig(96, 2);
        var frames = rig.NewFrames();
        rig.Render(scene, frames);
        foreach (var view in Enum.GetValues<CameraView>())
        {
            var frame = new CameraFrame(96);
            new TabletopCamera(96, view).Render(scene, frame);
            Assert.Equal(frame.Rgb, frames[(int)view].Rgb);
        }

        Assert.NotEqual(frames[0].Rgb, frames[1].Rgb);
        Assert.Throws<ArgumentException>(() => rig.Render(scene, frames.AsSpan(0, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CameraRig(64, 3));
    }

    [Fact]
    public void The_projection_is_a_pinhole_1_m_away_with_right_to_the_right_and_up_and_away_to_the_top()
    {
        Assert.Equal((32f, 32f), Overhead.Project(default));
        var right = Overhead.Project(new Point(0.1f, 0, 0));
        Assert.Equal(32 + (64 * 2.25f * 0.1f), right.U, tolerance: 1e-3f);
        Assert.Equal(32, right.V, tolerance: 1e-3f);
        Assert.True(Overhead.Project(new Point(0, 0.1f, 0)).V < 32);
        Assert.True(Overhead.Project(new Point(0, 0, 0.1f)).V < 32);
        Assert.True(Overhead.Project(new Point(0.1f, 0, 0.1f)).U > right.U);
    }

    [Fact]
    public void Coverage_of_patches_counts_the_mask_and_adds_up()
    {
        var scene = new SampleSource(RobotTasks.All).Draw(3).Scene;
        var frame = new CameraFrame();
        Overhead.Render(scene, frame);
        var total = new float[64];
        var coverage = new float[64];
        byte[] ids = [CameraFrame.BoardId, CameraFrame.HandId, .. Enumerable.Range(0, scene.Objects.Length).Select(CameraFrame.IdOf)];
        foreach (var id in ids)
        {
            frame.CoverageOfPatches(id, 8, 8, coverage);
            for (var i = 0; i < 64; i++)
                total[i] += coverage[i];
        }

        Assert.All(total, sum => Assert.Equal(1, sum, tolerance: 1e-5f));

        // A disc of that radius seen from 1 m; walls and handles add to it, other things may hide some of it.
        var thing = scene.Objects[0];
        frame.CoverageOfPatches(CameraFrame.IdOf(0), 1, 1, coverage);
        var expected = Math.PI * thing.Radius * thing.Radius * 2.25 * 2.25;
        Assert.InRange(coverage[0], 0.4 * expected, 2.5 * expected);
    }

    [Fact]
    public void The_id_map_agrees_with_the_masks()
    {
        var scene = new SampleSource(RobotTasks.All).Draw(5).Scene;
        var frame = new CameraFrame();
        Overhead.Render(scene, frame);
        var ids = new byte[64 * 64];
        frame.WriteIds(ids);
        for (var i = 0; i < ids.Length; i++)
            Assert.True(frame.Shows(i / 64, i % 64, ids[i]));
        Assert.All(Enumerable.Range(0, scene.Objects.Length), i => Assert.Contains(CameraFrame.IdOf(i), ids));
        Assert.Contains(CameraFrame.HandId, ids);
    }

    [Fact]
    public void Colours_and_shapes_look_different_and_height_is_visible()
    {
        var pictures = new List<byte[]>();
        foreach (var height in new[] { 0f, 0.08f })
        {
            for (var color = 0; color < ObjectKind.ColorCount; color++)
            {
                for (var shape = 0; shape < 6; shape++)
                {
                    var frame = new CameraFrame();
                    var thing = new TabletopObject(new ObjectKind((ObjectColor)color, (ObjectShape)shape), new Point(0, 0, height),
                        0.0275f);
                    Overhead.Render(new Scene([thing], Gripper.OpenAt(new Point(0.15f, 0.15f, 0.1f))), frame);
                    pictures.Add(frame.Rgb);
                }
            }
        }

        for (var a = 0; a < pictures.Count; a++)
        {
            for (var b = 0; b < a; b++)
            {
                var difference = pictures[a].Zip(pictures[b], (x, y) => Math.Abs(x - y)).Sum();
                Assert.True(difference > 1200, $"pictures {a} and {b} differ by {difference} only");
            }
        }
    }

    [Fact]
    public void Rendering_allocates_nothing_and_frames_of_another_size_are_refused()
    {
        var scene = new SampleSource(RobotTasks.All).Draw(1).Scene;
        var frame = new CameraFrame();

        // The code of a second drawing, over what stands there, is run once before counting.
        for (var i = 0; i < 2; i++)
            Overhead.Render(scene, frame);
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 10; i++) Overhead.Render(scene, frame);
        }));
        Assert.Contains("96", Assert.Throws<ArgumentException>(() => Overhead.Render(scene, new CameraFrame(96))).Message);
        Assert.Throws<ArgumentException>(() => frame.CoverageOfPatches(1, 7, 8, new float[64]));
    }

    [Fact]
    public void Another_size_shows_the_same_scene()
    {
        var scene = new SampleSource(RobotTasks.All).Draw(1).Scene;
        float[] small = new float[64], large = new float[64];
        foreach (var (size, coverage) in new[] { (64, small), (96, large) })
        {
            var frame = new CameraFrame(size);
            new TabletopCamera(size).Render(scene, frame);
            frame.CoverageOfPatches(CameraFrame.IdOf(0), 8, 8, coverage);
        }

        Assert.All(small.Zip(large), pair => Assert.Equal(pair.First, pair.Second, tolerance: 0.1f));
    }
}
