using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Expert;
using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Learning;

/// <summary>What each patch of a picture shows, read from exact masks: a lesson in seeing that needs no words and serves every strategy
/// alike.</summary>
/// <remarks>
/// Colour and shape are asked for apart, so that the tokens carry them apart: nothing rewards knowing a pair. A patch is labelled by the
/// object that covers most of it, if that is at least a tenth. The middle is where the hand would grasp, in patches from the patch's own.
/// </remarks>
internal sealed class PatchCues
{
    private const float LeastCoverage = 0.1f;
    private const int Shapes = ObjectKind.GraspableShapeCount + 1;
    private const int Middle = 2;
    private const float MiddleBeta = 0.1f;
    private const float MiddleWeight = 4;
    private readonly CameraRig _cameras;
    private readonly TokenGrid _grid;
    private readonly bool _apart;
    private readonly float[] _coverage;
    private readonly float[] _best;
    private readonly Tensor _colors;
    private readonly Tensor _shapes;
    private readonly Tensor _presence;
    private readonly Tensor _middles;
    private readonly Tensor _taught;

    /// <summary>Memory for the patches of some scenes.</summary>
    /// <param name="scenes">Number of scenes.</param>
    /// <param name="grid">Where the patches of a picture lie.</param>
    /// <param name="cameras">What draws the pictures.</param>
    /// <param name="apart">Whether shapes are trained on colours without a name alone, and colours on those that have one: so far apart
    /// that no colour can speak for or against a shape.</param>
    public PatchCues(int scenes, TokenGrid grid, CameraRig cameras, bool apart)
    {
        (_cameras, _grid, _apart) = (cameras, grid, apart);
        var images = scenes * cameras.Cameras.Count;
        (_coverage, _best) = (new float[grid.Count], new float[grid.Count]);
        _colors = Tensor.Zeros([images, grid.Count]);
        _shapes = Tensor.Zeros([images, grid.Count]);
        _presence = Tensor.Zeros([images, grid.Count, 1]);
        _middles = Tensor.Zeros([images, grid.Count, Middle]);
        _taught = Tensor.Zeros([images, grid.Count, 1]);
    }

    /// <summary>How many numbers are said about a patch: colours, shapes, whether something is there, its middle.</summary>
    public static int Count => ObjectKind.ColorCount + Shapes + 1 + Middle;

    /// <summary>Sets what the picture of one camera shows.</summary>
    public void Set(int sample, int view, Scene scene, CameraFrame frame)
    {
        var (first, side) = ((sample * _cameras.Cameras.Count + view) * _grid.Count, (float)frame.Size / _grid.Rows);
        Array.Clear(_best);
        _colors.Span.Slice(first, _grid.Count).Fill(CrossEntropyOp.DefaultIgnore);
        _shapes.Span.Slice(first, _grid.Count).Fill(CrossEntropyOp.DefaultIgnore);
        _presence.Span.Slice(first, _grid.Count).Clear();
        _taught.Span.Slice(first, _grid.Count).Clear();
        _middles.Span.Slice(first * Middle, _grid.Count * Middle).Clear();
        for (var i = 0; i < scene.Objects.Length; i++)
        {
            var thing = scene.Objects[i];
            var (u, v) = _cameras.Cameras[view].Project(thing.Position with { Z = thing.Position.Z + GraspExpert.GraspHeight });
            frame.CoverageOfPatches(CameraFrame.IdOf(i), _grid.Rows, _grid.Columns, _coverage);
            for (var patch = 0; patch < _grid.Count; patch++)
            {
                if (_coverage[patch] < LeastCoverage || _coverage[patch] <= _best[patch]) continue;
                _best[patch] = _coverage[patch];
                _colors.Span[first + patch] = thing.Kind.IsNamed ? (int)thing.Kind.Color : CrossEntropyOp.DefaultIgnore;
                _shapes.Span[first + patch] = _apart && thing.Kind.IsNamed && !thing.IsPlate ? CrossEntropyOp.DefaultIgnore
                    : (int)thing.Kind.Shape;
                _presence.Span[first + patch] = _taught.Span[first + patch] = 1;
                _middles.Span[(first + patch) * Middle] = u / side - (patch % _grid.Columns + 0.5f);
                _middles.Span[(first + patch) * Middle + 1] = v / side - (patch / _grid.Columns + 0.5f);
            }
        }
    }

    /// <summary>How wrong is what was said, <c>[]</c>.</summary>
    /// <param name="said">What the policy says about every patch, <c>[S·V, N, <see cref="Count"/>]</c>.</param>
    /// <param name="pass">The pass that records.</param>
    public Tensor Loss(Tensor said, Pass pass)
    {
        var at = 0;
        var color = pass.CrossEntropy(Next(ObjectKind.ColorCount), _colors);
        var shape = pass.CrossEntropy(Next(Shapes), _shapes);
        var presence = pass.BinaryCrossEntropy(Next(1), _presence);
        var middle = pass.SmoothL1(pass.Multiply(Next(Middle), _taught), _middles, MiddleBeta);
        return pass.Add(pass.Add(color, shape), pass.Add(presence, pass.Scale(middle, MiddleWeight)));

        Tensor Next(int count) => pass.Slice(said, 2, (at += count) - count, count);
    }
}
