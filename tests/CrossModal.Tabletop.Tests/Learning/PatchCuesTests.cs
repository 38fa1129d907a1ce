using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Tests.Learning;

public sealed class PatchCuesTests
{
    private static readonly TokenGrid Grid = new(8, 8);
    private static readonly CameraRig Cameras = new();
    private static readonly TabletopCamera Camera = Cameras.Cameras[0];

    [Fact]
    public void A_patch_is_taught_colour_shape_presence_and_middle_and_only_where_something_is()
    {
        var thing = new TabletopObject(new ObjectKind(ObjectColor.Blue, ObjectShape.Ball), new Point(0.05f, -0.03f, 0), 0.03f);
        var (u, v) = Camera.Project(thing.Position with { Z = 0.02f });
        var (row, column) = ((int)(v / 8), (int)(u / 8));
        var right = Said(row, column, color: 2, shape: 3, u / 8 - (column + 0.5f), v / 8 - (row + 0.5f));
        var loss = Loss(thing, right, apart: false);
        Assert.True(Loss(thing, Said(row, column, 1, 3, u / 8 - (column + 0.5f), v / 8 - (row + 0.5f)), false) > loss + 0.1);
        Assert.True(Loss(thing, Said(row, column, 2, 4, u / 8 - (column + 0.5f), v / 8 - (row + 0.5f)), false) > loss + 0.1);
        Assert.True(Loss(thing, Said(row, column, 2, 3, u / 8 - (column + 0.5f) + 0.7f, v / 8 - (row + 0.5f)), false) > loss + 0.01);

        // A patch of the bare board: nothing but whether something is there matters.
        var far = Said(row, column, 2, 3, u / 8 - (column + 0.5f), v / 8 - (row + 0.5f));
        far[0, 0, 1] = far[0, 0, 7] = far[0, 0, 13] = 9;
        Assert.Equal(loss, Loss(thing, far, false), 1e-5);
        far[0, 0, 12] = 9;
        Assert.True(Loss(thing, far, false) > loss + 0.05);
    }

    [Fact]
    public void Where_colours_without_a_name_teach_shapes_named_ones_teach_colours_alone()
    {
        var named = new TabletopObject(new ObjectKind(ObjectColor.Blue, ObjectShape.Ball), new Point(0.05f, -0.03f, 0), 0.03f);
        var unnamed = named with { Kind = new ObjectKind(ObjectColor.Unnamed, ObjectShape.Ball), Tint = new Tint(40, 210, 210) };
        Tensor ball = Said(4, 4, 2, 3, 0, 0), star = Said(4, 4, 2, 4, 0, 0), greenBall = Said(4, 4, 1, 3, 0, 0);
        Assert.Equal(Loss(named, ball, true), Loss(named, star, true), 1e-6);
        Assert.NotEqual(Loss(named, ball, true), Loss(named, greenBall, true), 1e-3);
        Assert.NotEqual(Loss(unnamed, ball, true), Loss(unnamed, star, true), 1e-3);
        Assert.Equal(Loss(unnamed, ball, true), Loss(unnamed, greenBall, true), 1e-6);
    }

    private static double Loss(TabletopObject thing, Tensor said, bool apart)
    {
        var scene = new Scene([thing], Gripper.OpenAt(new Point(-0.15f, 0.15f, 0.15f)));
        var frame = new CameraFrame();
        Camera.Render(scene, frame);
        var cues = new PatchCues(1, Grid, Cameras, apart);
        cues.Set(0, 0, scene, frame);
        using var pass = Pass.Recording();
        return cues.Loss(said, pass).Item();
    }

    /// <summary>Sure of the same everywhere, but that something is in the patch's neighbourhood alone.</summary>
    private static Tensor Said(int row, int column, int color, int shape, float right, float down)
    {
        var said = Tensor.Zeros([1, Grid.Count, PatchCues.Count]);
        for (var patch = 0; patch < Grid.Count; patch++)
        {
            said[0, patch, color] = 5;
            said[0, patch, 6 + shape] = 5;
            said[0, patch, 12] = Math.Abs(patch / 8 - row) <= 1 && Math.Abs(patch % 8 - column) <= 1 ? 3 : -3;
            said[0, patch, 13] = right + column - patch % 8;
            said[0, patch, 14] = down + row - patch / 8;
        }

        return said;
    }
}
