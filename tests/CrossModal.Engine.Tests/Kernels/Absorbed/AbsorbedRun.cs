using System.Runtime.CompilerServices;
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
    private readonly double[] _projected;
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
        _projected = AbsorbedReference.Project(Y, Tokens, YRow, c.ValueWidth, _valueWeight, _valueBias, width);
        Mask = new GuardedMemory(Numbers.Random(c.Seed + 7, maskShape.Batch * maskShape.Heads * maskShape.Queries * maskShape.Keys),
            _atEnd);
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

    private int Distinct => _shared ? 1 : _c.Batch;

    private int Tokens => Distinct * _c.Keys;

    private int Width => _c.Heads * _c.HeadDim;

    public (float[] Output, float[] Weights) Expected()
    {
        var k = AbsorbedReference.Project(X, Tokens, XRow, _c.KeyWidth, KeyWeight, default, Width);
        var v = _projected;
        return AbsorbedReference.Attend(new(_c.Batch, _c.Queries, _c.Keys, _c.Heads, _c.HeadDim, _c.HeadDim), Scale, Q, QRow, k, v, _shared,
            Mask, MaskShape);
    }

    /// <summary>Runs the kernel once, with the values absorbed or projected, and what it reads of the tokens packed before or
    /// not.</summary>
    public void Execute(bool absorbValues, bool packed, Workers workers, bool? isWide = null)
    {
        Output.Span.Fill(float.NaN);
        Weights.Span.Fill(float.NaN);
        using var call = Prepare(absorbValues, packed);
        call.Run(workers, isWide);
    }

    public Call Prepare(bool absorbValues, bool packed) => new(this, absorbValues, packed);

    /// <summary>Packed weights and buffers for calls on the same operands.</summary>
    internal sealed class Call : IDisposable
    {
        private readonly AbsorbedRun _run;
        private readonly bool _absorbValues, _packed;
        private readonly AbsorbedKeys _keys;
        private readonly AbsorbedValues _values;
        private readonly GuardedMemory _projected, _panels, _xCopy, _yCopy;

        public Call(AbsorbedRun run, bool absorbValues, bool packed)
        {
            var c = run._c;
            (_run, _absorbValues, _packed) = (run, absorbValues, packed);
            _keys = AbsorbedKeys.Pack(run.KeyWeight, c.Heads, c.HeadDim, c.KeyWidth);
            _values = AbsorbedValues.Pack(run._valueWeight, run._valueBias, c.Heads, c.HeadDim, c.ValueWidth);
            _projected = new(Array.ConvertAll(run._projected, x => (float)x), run._atEnd);
            _panels = new((int)(c.Batch * AbsorbedKeys.PanelLength(c.Queries, c.Heads, c.KeyWidth)), run._atEnd);
            _xCopy = new(packed ? (int)AbsorbedAttention.PackedLength(run.Distinct, c.Keys, c.KeyWidth) : 0, run._atEnd);
            _yCopy = new(packed ? (int)AbsorbedAttention.PackedLength(run.Distinct, c.Keys, absorbValues ? c.ValueWidth : run.Width) : 0,
                run._atEnd);
        }

        public void Run(Workers workers, bool? isWide = null)
        {
            var (r, c) = (_run, _run._c);
            var wide = isWide ?? MatrixTile.IsWideFaster;
            _keys.Project(c.Batch, c.Queries, At(r.Q), r.QRow, r.Scale, At(_panels), wide, workers);
            nint Stride(int row) => r._shared ? 0 : (nint)c.Keys * row;
            var (right, rightRow, rightWidth) = _absorbValues ? (r.Y, r.YRow, c.ValueWidth) : (_projected, r.Width, r.Width);
            if (_packed)
            {
                AbsorbedAttention.PackTokens(r.Distinct, c.Keys, c.KeyWidth, At(r.X), r.XRow, Stride(r.XRow), At(_xCopy), workers);
                AbsorbedAttention.PackTokens(r.Distinct, c.Keys, rightWidth, At(right), rightRow, Stride(rightRow), At(_yCopy), workers);
            }

            AbsorbedAttention.Run(new AbsorbedOperands
            {
                Batch = c.Batch,
                Queries = c.Queries,
                Keys = c.Keys,
                Heads = c.Heads,
                HeadDim = c.HeadDim,
                KeyWidth = c.KeyWidth,
                ValueWidth = c.ValueWidth,
                X = _packed ? null : At(r.X),
                XRow = r.XRow,
                XBatch = Stride(r.XRow),
                PackedX = _packed ? At(_xCopy) : null,
                Panels = At(_panels),
                Y = _absorbValues && !_packed ? At(r.Y) : null,
                YRow = r.YRow,
                YBatch = Stride(r.YRow),
                Values = _absorbValues ? _values : null,
                V = _absorbValues || _packed ? null : At(_projected),
                VRow = r.Width,
                VBatch = Stride(r.Width),
                // Where keys and values come from one copy, the kernel is to find that out.
                PackedY = _packed && !(_absorbValues && r._same) ? At(_yCopy) : null,
                Mask = r.MaskShape.Keys == 0 ? null : At(r.Mask),
                MaskShape = r.MaskShape,
                Output = At(r.Output),
                Weights = r.WantsWeights ? At(r.Weights) : null,
                IsWide = wide,
            }, workers);
        }

        public void Dispose()
        {
            foreach (var memory in (GuardedMemory[])[_projected, _panels, _xCopy, _yCopy]) memory.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var memory in (GuardedMemory[])[Q, X, Mask, Output, Weights]) memory.Dispose();
        if (!_same) Y.Dispose();
    }

    private static float* At(GuardedMemory memory) => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory.Span));

    private GuardedMemory Rows(int rows, int stride, int width, int offset)
        => new(Numbers.Random(_c.Seed + offset, rows == 0 ? 0 : (rows - 1) * stride + width), _atEnd);
}
