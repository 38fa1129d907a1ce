using System.Runtime.InteropServices;
using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

/// <summary>The sizes of one absorbed attention, and the seed of its numbers.</summary>
internal sealed record AbsorbedCase(int Batch, int Queries, int Keys, int Heads, int HeadDim, int KeyWidth, int ValueWidth, int Seed);

/// <summary>The operands of one absorbed attention in guarded memory, with padded rows, and calls of the kernel on them.</summary>
internal sealed unsafe class AbsorbedRun : IDisposable
{
    private readonly AbsorbedCase _c;
    private readonly bool _atEnd;
    private readonly float[] _valueWeight, _valueBias;
    private readonly bool _shared, _same;

    public AbsorbedRun(AbsorbedCase c, MaskShape maskShape)
    {
        _c = c;
        _atEnd = c.Seed % 2 == 0;
        _shared = c.Seed % 4 == 2;
        MaskShape = maskShape;
        var (width, pad) = (c.Heads * c.HeadDim, c.Seed % 3);
        (QRow, XRow, YRow) = (width + pad, c.KeyWidth + 2 * pad, c.ValueWidth + pad);
        Scale = c.Seed % 5 == 0 ? 1 : 0.37f;
        KeyWeight = Numbers.Random(c.Seed + 1, width * c.KeyWidth, 2 / MathF.Sqrt(c.KeyWidth));
        _valueWeight = Numbers.Random(c.Seed + 2, width * c.ValueWidth, 1 / MathF.Sqrt(c.ValueWidth));
        _valueBias = Numbers.Random(c.Seed + 3, c.Seed % 3 == 0 ? 0 : width);
        Q = Rows(c.Batch * c.Queries, QRow, width, 4);
        X = Rows(Tokens, XRow, c.KeyWidth, 5);
        _same = c.Seed % 7 < 3 && c.KeyWidth == c.ValueWidth;
        if (_same) YRow = XRow;
        Y = _same ? X : Rows(Tokens, YRow, c.ValueWidth, 6);
        Mask = new GuardedMemory(Numbers.Random(c.Seed + 7, maskShape.Batch * maskShape.Heads * maskShape.Queries * maskShape.Keys), _atEnd);
        var random = new Random(c.Seed);
        foreach (ref var entry in Mask.Span)
        {
            if (random.Next(4) == 0) entry = float.NegativeInfinity;
        }

        Output = new GuardedMemory(c.Batch * c.Queries * width, _atEnd);
        Weights = new GuardedMemory(WantsWeights ? c.Batch * c.Heads * c.Queries * c.Keys : 0, _atEnd);
    }

    public GuardedMemory Q { get; }

    public GuardedMemory X { get; }

    public GuardedMemory Y { get; }

    public GuardedMemory Mask { get; }

    public GuardedMemory Output { get; }

    public GuardedMemory Weights { get; }

    public MaskShape MaskShape { get; }

    public int QRow { get; }

    public int XRow { get; }

    public int YRow { get; }

    public float Scale { get; }

    public float[] KeyWeight { get; }

    public bool WantsWeights => _c.Seed % 5 != 4;

    private int Tokens => (_shared ? 1 : _c.Batch) * _c.Keys;

    private int Width => _c.Heads * _c.HeadDim;

    public (float[] Output, float[] Weights) Expected()
    {
        var k = AbsorbedReference.Project(X, Tokens, XRow, _c.KeyWidth, KeyWeight, default, Width);
        var v = AbsorbedReference.Project(Y, Tokens, YRow, _c.ValueWidth, _valueWeight, _valueBias, Width);
        return AbsorbedReference.Attend(new(_c.Batch, _c.Queries, _c.Keys, _c.Heads, _c.HeadDim, _c.HeadDim), Scale, Q, QRow, k, v, _shared, Mask, MaskShape);
    }

    /// <summary>Packs the weights and runs the kernel, with the values absorbed or projected, and what is multiplied with the probabilities packed or not.</summary>
    public void Execute(bool absorbValues, bool packed, Workers workers)
    {
        var keys = AbsorbedKeys.Pack(KeyWeight, _c.Heads, _c.HeadDim, _c.KeyWidth);
        var values = AbsorbedValues.Pack(_valueWeight, _valueBias, _c.Heads, _c.HeadDim, _c.ValueWidth);
        using var projected = new GuardedMemory(
            Array.ConvertAll(AbsorbedReference.Project(Y, Tokens, YRow, _c.ValueWidth, _valueWeight, _valueBias, Width), x => (float)x), _atEnd);
        using var panels = new GuardedMemory((int)(_c.Batch * AbsorbedKeys.PanelLength(_c.Queries, _c.Heads, _c.KeyWidth)), _atEnd);
        var (right, rightRow, rightWidth) = absorbValues ? (Y, YRow, _c.ValueWidth) : (projected, Width, Width);
        using var copy = new GuardedMemory(packed ? (int)AbsorbedAttention.PackedLength(_shared ? 1 : _c.Batch, _c.Keys, rightWidth) : 0, _atEnd);
        Output.Span.Fill(float.NaN);
        Weights.Span.Fill(float.NaN);
        keys.Project(_c.Batch, _c.Queries, At(Q), QRow, Scale, At(panels), workers);
        nint xBatch = _shared ? 0 : (nint)_c.Keys * XRow, rightBatch = _shared ? 0 : (nint)_c.Keys * rightRow;
        using var keysCopy = new GuardedMemory(packed ? (int)AbsorbedAttention.PackedLength(_shared ? 1 : _c.Batch, _c.Keys, _c.KeyWidth) : 0, _atEnd);
        if (packed) AbsorbedAttention.PackTokens(_shared ? 1 : _c.Batch, _c.Keys, _c.KeyWidth, At(X), XRow, xBatch, At(keysCopy), workers);
        if (packed) AbsorbedAttention.PackTokens(_shared ? 1 : _c.Batch, _c.Keys, rightWidth, At(right), rightRow, rightBatch, At(copy), workers);
        AbsorbedAttention.Run(new AbsorbedOperands
        {
            Batch = _c.Batch, Queries = _c.Queries, Keys = _c.Keys, Heads = _c.Heads, HeadDim = _c.HeadDim, KeyWidth = _c.KeyWidth, ValueWidth = _c.ValueWidth,
            X = packed ? null : At(X), XRow = XRow, XBatch = xBatch, PackedX = packed ? At(keysCopy) : null, Panels = At(panels),
            Y = absorbValues && !packed ? At(Y) : null, YRow = YRow, YBatch = rightBatch, Values = absorbValues ? values : null,
            V = absorbValues || packed ? null : At(projected), VRow = Width, VBatch = rightBatch, PackedY = packed && !(_same && absorbValues) ? At(copy) : null,
            Mask = MaskShape.Keys == 0 ? null : At(Mask), MaskShape = MaskShape, Output = At(Output), Weights = WantsWeights ? At(Weights) : null,
        }, workers);
        GC.KeepAlive(keys);
    }

    public void Dispose()
    {
        foreach (var memory in (GuardedMemory[])[Q, X, Mask, Output, Weights]) memory.Dispose();
        if (!_same) Y.Dispose();
    }

    private static float* At(GuardedMemory memory) => (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory.Span));

    private GuardedMemory Rows(int rows, int stride, int width, int offset)
        => new(Numbers.Random(_c.Seed + offset, rows == 0 ? 0 : (rows - 1) * stride + width), _atEnd);
}
