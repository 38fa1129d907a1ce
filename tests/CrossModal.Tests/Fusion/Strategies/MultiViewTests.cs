using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

namespace CrossModal.Tests.Fusion;

/// <summary>A camera that is missing, or whose tokens are all padding, is as if it had never been there.</summary>
public sealed class MultiViewTests
{
    private const int Cameras = 3;

    public static TheoryData<string> Names => [.. Scene.MultiView];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_missing_camera_is_as_one_of_only_padding(string name)
    {
        var strategy = Scene.Create(name, views: Cameras);
        for (var camera = 0; camera < Cameras; camera++)
        {
            var missing = Fused(strategy, camera, _ => null);
            var hidden = Fused(strategy, camera, scene => new Tokens(scene.PatchValues(9), Hidden(Scene.Batch)));
            Close(missing, hidden);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_missing_last_camera_is_as_one_that_was_never_given(string name)
    {
        var strategy = Scene.Create(name, views: Cameras);
        var scene = new Scene();
        var all = Input(scene);
        var removed = Scene.Fuse(strategy, all with { Views = [.. all.Views.Take(Cameras - 1)] })["fused"];
        Close(Fused(strategy, Cameras - 1, _ => null), removed);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_camera_may_be_missing_from_one_sample_only(string name)
    {
        var strategy = Scene.Create(name, views: Cameras);
        var half = Fused(strategy, 1, scene => new Tokens(scene.PatchValues(1), Hidden(1)));
        var missing = Fused(strategy, 1, _ => null);
        var present = Fused(strategy, 1, scene => new Tokens(scene.PatchValues(1)));
        var sample = half.Shape.Length / Scene.Batch;
        for (var i = 0; i < half.Shape.Length; i++) Assert.Equal((i < sample ? missing : present).Span[i], half.Span[i], 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_camera_counts(string name)
    {
        var strategy = Scene.Create(name, views: Cameras);
        var all = Scene.Fuse(strategy, Input(new Scene()))["fused"].ToArray();
        for (var camera = 0; camera < Cameras; camera++)
        {
            var without = Fused(strategy, camera, _ => null).ToArray();
            Assert.True(all.Zip(without).Max(p => Math.Abs(p.First - p.Second)) > 1e-3, $"camera {camera} does not count");
        }
    }

    [Fact]
    public void Without_any_camera_there_is_an_error()
    {
        using var pass = Pass.Evaluation();
        var input = new FusionInput(new Tokens(Tensor.Zeros([2, 5, Scene.Width])), [null, null]);
        Assert.Equal("MultiView: all cameras are missing",
            Assert.Throws<ShapeException>(() => Scene.Create("multi-view-mean", views: Cameras).Forward(input, pass)).Message);
        Assert.Equal("Fusion: there is no view to attend to",
            Assert.Throws<ShapeException>(() => Scene.Create("cross-attention").Forward(input, pass)).Message);
    }

    private static FusionInput Input(Scene scene) => new(
        new Tokens(scene.WordValues(), scene.WordMask()),
        [.. Enumerable.Range(0, Cameras).Select(i => new Tokens(scene.PatchValues(i), scene.PatchMask()))]);

    /// <summary>The result with one camera exchanged.</summary>
    private static Tensor Fused(FusionStrategy strategy, int camera, Func<Scene, Tokens?> other)
    {
        var scene = new Scene();
        var input = Input(scene);
        return Scene.Fuse(strategy, input with { Views = [.. input.Views.Select((v, i) => i == camera ? other(scene) : v)] })["fused"];
    }

    /// <summary>All padding in the first samples.</summary>
    private static Mask Hidden(int samples) => Mask.KeyPadding(Scene.Real(Scene.Patches, (b, _) => b >= samples, (b, _) => b >= samples));

    private static void Close(Tensor first, Tensor second)
    {
        Assert.Equal(first.Shape, second.Shape);
        for (var i = 0; i < first.Shape.Length; i++) Assert.Equal(first.Span[i], second.Span[i], 1e-5);
    }
}
