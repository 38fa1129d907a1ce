using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>
/// Draws a state as one of the robot's cameras sees it: in slight perspective, of the hand only the fingers.
/// Single-threaded, free of allocation and the same bits everywhere; one camera may serve many threads, each with its own frame.
/// </summary>
public sealed class TabletopCamera
{
    private readonly Viewpoint _viewpoint;
    private readonly uint[] _background;
    private readonly byte[] _backgroundRgb;
    private readonly int _sampleSize;

    /// <summary>Creates a camera for frames of `size` × `size` pixels.</summary>
    public TabletopCamera(int size = 64, CameraView view = CameraView.Front)
    {
        var frame = new CameraFrame(size);
        Size = size;
        View = view;
        _viewpoint = Viewpoint.Of(view);
        _sampleSize = frame.SampleSize;
        for (var row = 0; row < _sampleSize; row++)
        {
            for (var column = 0; column < _sampleSize; column++)
            {
                var point = Ray(row, column).At(0);
                var onBoard = MathF.Abs(point.X) <= Board.HalfSide && MathF.Abs(point.Y) <= Board.HalfSide;
                frame.Samples[(row * _sampleSize) + column] = (onBoard ? Paint.Board : Paint.Table).Dark(1);
            }
        }

        Average(frame, new PixelBox(0, 0, size, size));
        _background = frame.Samples;
        _backgroundRgb = frame.Rgb;
    }

    /// <summary>Pixels along each side of the picture.</summary>
    public int Size { get; }

    /// <summary>Its viewpoint.</summary>
    public CameraView View { get; }

    /// <summary>Where a point of the board frame appears, in pixels: u to the right and v down from the top left corner; pixel (r, c) spans
    /// v in [r, r+1), u in [c, c+1).</summary>
    public (float U, float V) Project(Point point)
    {
        var (u, v) = _viewpoint.Project(point);
        return (u * Size, v * Size);
    }

    /// <summary>Draws a state; where a frame already shows it, as between two steps of one episode, only what moved is drawn
    /// again.</summary>
    /// <param name="scene">The state.</param>
    /// <param name="frame">Receives the picture.</param>
    /// <param name="appearance">Light, texture and paint; the plain ones when null.</param>
    /// <exception cref="ArgumentException">The frame has another size than the camera.</exception>
    public void Render(Scene scene, CameraFrame frame, Appearance? appearance = null)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentNullException.ThrowIfNull(frame);
        if (frame.Size != Size)
            throw new ArgumentException($"TabletopCamera: the frame has {frame.Size} pixels a side, the camera {Size}.", nameof(frame));
        var clip = Changed(frame.Rendered, scene, appearance);
        frame.Rendered = new RenderedState(this, scene, appearance);
        if (clip.IsEmpty)
            return;
        Clear(frame, clip, appearance);

        // Painter's order: the farthest first. The two last items are the fingers.
        var count = scene.Objects.Length;
        Span<float> depths = stackalloc float[count + 2];
        Span<int> order = stackalloc int[count + 2];
        for (var i = 0; i < count; i++)
            depths[i] = scene.Objects[i].IsPlate ? float.MaxValue : _viewpoint.Depth(scene.Objects[i].Position);
        depths[count] = depths[count + 1] = _viewpoint.Depth(scene.Gripper.Tool);
        for (var i = 0; i < order.Length; i++)
        {
            var at = i;
            while (at > 0 && depths[order[at - 1]] < depths[i])
            {
                order[at] = order[at - 1];
                at--;
            }

            order[at] = i;
        }

        foreach (var i in order)
        {
            if (i < count)
                DrawObject(frame, clip, scene.Objects[i], CameraFrame.IdOf(i), appearance);
            else
                DrawFinger(frame, clip, scene.Gripper, i == count ? -1 : 1, appearance);
        }

        for (var i = 0; i < count; i++)
            Average(frame, BoxOf(scene.Objects[i]).Within(clip));
        Average(frame, BoxOf(scene.Gripper, -1).Within(clip));
        Average(frame, BoxOf(scene.Gripper, 1).Within(clip));
    }

    /// <summary>
    /// Where the picture of a state can differ from what a frame shows: around what moved, before and after. Who is drawn over whom
    /// changes only for what moved, so everything elsewhere keeps its bits.
    /// </summary>
    private PixelBox Changed(RenderedState? shown, Scene scene, Appearance? appearance)
    {
        if (shown is not { } last || last.Camera != this || last.Appearance != appearance
            || last.Scene.Objects.Length != scene.Objects.Length)
            return new PixelBox(0, 0, Size, Size);
        var box = PixelBox.Empty;
        for (var i = 0; i < scene.Objects.Length; i++)
        {
            var (before, now) = (last.Scene.Objects[i], scene.Objects[i]);
            if (before != now)
                box = box.Around(BoxOf(before)).Around(BoxOf(now));
        }

        if (last.Scene.Gripper != scene.Gripper)
        {
            foreach (var side in (ReadOnlySpan<int>)[-1, 1])
                box = box.Around(BoxOf(last.Scene.Gripper, side)).Around(BoxOf(scene.Gripper, side));
        }

        return box;
    }

    private void Clear(CameraFrame frame, PixelBox box, Appearance? appearance)
    {
        const int scale = CameraFrame.SamplesPerSide;
        for (var row = box.Top * scale; row < box.Bottom * scale; row++)
            Array.Clear(frame.SampleIds, (row * _sampleSize) + (box.Left * scale), (box.Right - box.Left) * scale);
        if (appearance is null)
        {
            for (var row = box.Top * scale; row < box.Bottom * scale; row++)
                Array.Copy(_background, (row * _sampleSize) + (box.Left * scale), frame.Samples, (row * _sampleSize) + (box.Left * scale),
                    (box.Right - box.Left) * scale);
            for (var row = box.Top; row < box.Bottom; row++)
                Array.Copy(_backgroundRgb, ((row * Size) + box.Left) * 3, frame.Rgb, ((row * Size) + box.Left) * 3,
                    (box.Right - box.Left) * 3);
            return;
        }

        for (var row = box.Top; row < box.Bottom; row++)
        {
            for (var column = box.Left; column < box.Right; column++)
            {
                // A texture needs no finer sampling than a pixel, and a quarter of the time.
                var color = appearance.Ground(_viewpoint.RayThrough((column + 0.5f) / Size, (row + 0.5f) / Size).At(0));
                var at = (row * 2 * _sampleSize) + (column * 2);
                frame.Samples[at] = frame.Samples[at + 1] = frame.Samples[at + _sampleSize] = frame.Samples[at + _sampleSize + 1] = color;
                var pixel = ((row * Size) + column) * 3;
                (frame.Rgb[pixel], frame.Rgb[pixel + 1], frame.Rgb[pixel + 2]) = ((byte)(color >> 16), (byte)(color >> 8), (byte)color);
            }
        }
    }

    private void DrawObject(CameraFrame frame, PixelBox clip, TabletopObject thing, byte id, Appearance? appearance)
    {
        var box = BoxOf(thing).Within(clip);
        switch (thing.Kind.Shape)
        {
            case ObjectShape.Cup: Draw(frame, box, new CupSurface(thing), id, appearance); break;
            case ObjectShape.Cube: Draw(frame, box, new CubeSurface(thing), id, appearance); break;
            case ObjectShape.Cylinder: Draw(frame, box, new CylinderSurface(thing), id, appearance); break;
            case ObjectShape.Ball: Draw(frame, box, new BallSurface(thing), id, appearance); break;
            case ObjectShape.Star: Draw(frame, box, new StarSurface(thing), id, appearance); break;
            case ObjectShape.Plate: Draw(frame, box, new PlateSurface(thing), id, appearance); break;
            default: throw new ArgumentException($"TabletopCamera: there is no drawing of '{thing.Kind.Shape}'.", nameof(thing));
        }
    }

    private void DrawFinger(CameraFrame frame, PixelBox clip, Gripper gripper, int side, Appearance? appearance) =>
        Draw(frame, BoxOf(gripper, side).Within(clip), new FingerSurface(Tip(gripper, side)), CameraFrame.HandId, appearance);

    private void Draw<TSurface>(CameraFrame frame, PixelBox box, TSurface surface, byte id, Appearance? appearance)
        where TSurface : struct, ISurface
    {
        const int scale = CameraFrame.SamplesPerSide;
        for (var row = box.Top * scale; row < box.Bottom * scale; row++)
        {
            for (var column = box.Left * scale; column < box.Right * scale; column++)
            {
                var color = surface.Shade(Ray(row, column));
                if (color == 0)
                    continue;
                frame.Samples[(row * _sampleSize) + column] = appearance is null ? color
                    : appearance.Lit(color, id == CameraFrame.HandId ? -1 : id - 1);
                frame.SampleIds[(row * _sampleSize) + column] = id;
            }
        }
    }

    private void Average(CameraFrame frame, PixelBox box)
    {
        const uint even = 0x00FF00FF;
        for (var row = box.Top; row < box.Bottom; row++)
        {
            for (var column = box.Left; column < box.Right; column++)
            {
                var at = (row * 2 * _sampleSize) + (column * 2);
                uint a = frame.Samples[at], b = frame.Samples[at + 1];
                uint c = frame.Samples[at + _sampleSize], d = frame.Samples[at + _sampleSize + 1];
                // Two channels at a time: sums of four bytes fit in the gaps between them.
                var redBlue = (((a & even) + (b & even) + (c & even) + (d & even) + 0x00020002) >> 2) & even;
                var green = ((((a >> 8) & 0xFF) + ((b >> 8) & 0xFF) + ((c >> 8) & 0xFF) + ((d >> 8) & 0xFF)) + 2) >> 2;
                var pixel = ((row * Size) + column) * 3;
                frame.Rgb[pixel] = (byte)(redBlue >> 16);
                frame.Rgb[pixel + 1] = (byte)green;
                frame.Rgb[pixel + 2] = (byte)redBlue;
            }
        }
    }

    private Ray Ray(int sampleRow, int sampleColumn) =>
        _viewpoint.RayThrough((sampleColumn + 0.5f) / _sampleSize, (sampleRow + 0.5f) / _sampleSize);

    private static Point Tip(Gripper gripper, int side) =>
        gripper.Tool with { X = gripper.Tool.X + (side * gripper.FingerOffset) };

    private PixelBox BoxOf(TabletopObject thing)
    {
        var reach = thing.Kind.Shape switch
        {
            ObjectShape.Cup => CupSurface.HandleReach,
            ObjectShape.Star => StarSurface.TipReach,
            _ => 1f,
        };
        return BoxAround(thing.Position, thing.Radius * reach, thing.Radius * reach, thing.Height);
    }

    private PixelBox BoxOf(Gripper gripper, int side) =>
        BoxAround(Tip(gripper, side), Gripper.FingerRadius, FingerSurface.HalfDepth, FingerSurface.Length);

    /// <summary>The pixels in which a block standing on a point can appear. Extremes of a projected block are at its corners.</summary>
    private PixelBox BoxAround(Point foot, float halfX, float halfY, float height)
    {
        float left = float.MaxValue, top = float.MaxValue, right = float.MinValue, bottom = float.MinValue;
        for (var corner = 0; corner < 8; corner++)
        {
            var (u, v) = Project(new Point(
                foot.X + ((corner & 1) == 0 ? -halfX : halfX),
                foot.Y + ((corner & 2) == 0 ? -halfY : halfY),
                foot.Z + ((corner & 4) == 0 ? 0 : height)));
            left = MathF.Min(left, u);
            right = MathF.Max(right, u);
            top = MathF.Min(top, v);
            bottom = MathF.Max(bottom, v);
        }

        return new PixelBox(
            Math.Clamp((int)MathF.Floor(left), 0, Size), Math.Clamp((int)MathF.Floor(top), 0, Size),
            Math.Clamp((int)MathF.Ceiling(right), 0, Size), Math.Clamp((int)MathF.Ceiling(bottom), 0, Size));
    }
}
