using CrossModal.Engine.Tensors;
using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Camera;

/// <summary>
/// The appearance of a scene besides what stands where: the light's strength and colour, the colours and texture of board and table, and
/// a little variation of each object's paint. A function of its seed alone; names of colours stay right.
/// </summary>
public sealed class Appearance
{
    private const int One = 256;
    private const float Cast = 0.04f;
    private const float PaintJitter = 0.06f;

    private readonly Texture _texture;
    private readonly Paint _board, _table;
    private readonly Gain _light;
    private readonly Gain[] _objects = new Gain[Scene.MaxObjects];
    private readonly float _contrast, _scale, _offsetX, _offsetY;
    private readonly ulong _grain;

    private Appearance(RandomSource random)
    {
        var strength = random.NextSingle(0.7f, 1.12f);
        _light = DrawGain(random, strength, Cast);
        for (var i = 0; i < _objects.Length; i++)
            _objects[i] = DrawGain(random, 1, PaintJitter).Times(_light);
        _board = DrawGround(random, 125, 225);
        _table = DrawGround(random, 60, 150);
        _texture = (Texture)random.NextInt(4);
        _contrast = random.NextSingle(0.05f, 0.22f);
        _scale = random.NextSingle(0.012f, 0.04f);
        _offsetX = random.NextSingle(0, 1);
        _offsetY = random.NextSingle(0, 1);
        _grain = random.NextUInt64();
    }

    private enum Texture
    {
        Plain,
        Stripes,
        Checks,
        Speckles,
    }

    /// <summary>Draws an appearance.</summary>
    public static Appearance Draw(ulong seed) => new(new RandomSource(RandomSource.DeriveSeed(seed, 0xA99EA4), RandomSource.SeedAlone));

    /// <summary>The colour of the ground at a point of the board's plane.</summary>
    internal uint Ground(Point point)
    {
        var onBoard = MathF.Abs(point.X) <= Board.HalfSide && MathF.Abs(point.Y) <= Board.HalfSide;
        return _light.Of((onBoard ? _board : _table).Dark(onBoard ? 1 - (_contrast * Pattern(point)) : 1));
    }

    /// <summary>The colour of an object, or of the hand when the index is negative, in this light.</summary>
    internal uint Lit(uint color, int index) => index < 0 ? _light.Of(color) : _objects[index].Of(color);

    private static Gain DrawGain(RandomSource random, float strength, float spread) =>
        new(DrawFactor(random, strength, spread), DrawFactor(random, strength, spread), DrawFactor(random, strength, spread));

    private static int DrawFactor(RandomSource random, float strength, float spread) =>
        (int)(One * strength * random.NextSingle(1 - spread, 1 + spread));

    private static Paint DrawGround(RandomSource random, float least, float most)
    {
        var grey = random.NextSingle(least, most);
        return new Paint(grey * random.NextSingle(0.88f, 1.1f), grey * random.NextSingle(0.9f, 1.05f),
            grey * random.NextSingle(0.82f, 1.05f));
    }

    /// <summary>How dark the texture is at a point, 0 to 1.</summary>
    private float Pattern(Point point)
    {
        int column = (int)MathF.Floor((point.X / _scale) + _offsetX), row = (int)MathF.Floor((point.Y / _scale) + _offsetY);
        return _texture switch
        {
            Texture.Stripes => row & 1,
            Texture.Checks => (row + column) & 1,
            Texture.Speckles => (RandomSource.DeriveSeed(_grain, ((ulong)(uint)row << 32) | (uint)column) >> 40) * (1f / (1 << 24)),
            _ => 0,
        };
    }

    /// <summary>Factors of red, green and blue in 256ths.</summary>
    private readonly record struct Gain(int R, int G, int B)
    {
        public Gain Times(Gain other) => new(R * other.R / One, G * other.G / One, B * other.B / One);

        public uint Of(uint color)
        {
            var r = Math.Min(255, (color >> 16 & 0xFF) * (uint)R / One);
            var g = Math.Min(255, (color >> 8 & 0xFF) * (uint)G / One);
            var b = Math.Min(255, (color & 0xFF) * (uint)B / One);
            return (color & 0xFF000000u) | (r << 16) | (g << 8) | b;
        }
    }
}
