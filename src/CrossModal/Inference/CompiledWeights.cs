using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>What is made of a model's weights once and shared by every plan and every session: packed matrices, and copies of the
/// rest.</summary>
/// <remarks>Safe for several threads. Copies make a session a snapshot: training the model further does not reach it.</remarks>
internal sealed class CompiledWeights
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, object> _made = [];

    /// <summary>Bytes of everything made.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _made.Values.Sum(made => made switch
                {
                    PackedMatrix packed => packed.Bytes,
                    AbsorbedKeys keys => keys.Bytes,
                    AbsorbedValues values => values.Bytes,
                    SmallTilesConvolution tiles => tiles.Bytes,
                    _ => (long)sizeof(float) * ((Tensor)made).Shape.Length,
                });
            }
        }
    }

    /// <summary>A copy of a constant.</summary>
    public Tensor Constant(Tensor constant) => Once(new Key("constant", 0, [constant]), constant.Copy);

    /// <summary>Weights <c>[out, in]</c> of layers with the same input, side by side as one right operand <c>[in, Σ out]</c>.</summary>
    public PackedMatrix Linear(params Tensor[] weights) => Once(new Key("linear", 0, weights), () =>
    {
        var width = weights[0].Shape[1];
        var joined = weights.Length == 1 ? weights[0].Span : Joined(weights);
        return PackedMatrix.Pack(joined, width, joined.Length / width, 1, width);
    });

    /// <summary>The weight of a convolution <c>[O, C, kh, kw]</c> as a right operand <c>[kh·kw·C, O]</c>.</summary>
    public PackedMatrix Convolution(Tensor weight, ConvolutionShape shape) =>
        Once(new Key("convolution", 0, [weight]), () => PixelConvolution.Pack(shape, weight.Span));

    /// <summary>The weight of a convolution <c>[O, C, 3, 3]</c> for tiles of 2 × 2 results.</summary>
    public SmallTilesConvolution Tiles(Tensor weight, ConvolutionShape shape) =>
        Once(new Key("tiles", 0, [weight]), () => SmallTilesConvolution.Pack(shape, weight.Span));

    /// <summary>Biases of layers side by side, <c>[Σ out]</c>; zeros where a layer has none; null when none has one.</summary>
    public Tensor? Bias(Tensor[] weights, Tensor?[] biases)
    {
        if (biases.All(b => b is null)) return null;
        if (biases.Length == 1) return Constant(biases[0]!);
        return Once(new Key("bias", 0, weights), () =>
        {
            float[] joined = [.. weights.Zip(biases).SelectMany(p => p.Second?.ToArray() ?? new float[p.First.Shape[0]])];
            return Tensor.From(joined, [joined.Length]);
        });
    }

    /// <summary>The projection of keys, absorbed into the queries.</summary>
    public AbsorbedKeys Keys(Tensor weight, int heads) => Once(new Key("keys", heads, [weight]),
        () => AbsorbedKeys.Pack(weight.Span, heads, weight.Shape[0] / heads, weight.Shape[1]));

    /// <summary>The projection of values, applied to what was attended.</summary>
    public AbsorbedValues Values(Tensor weight, Tensor? bias, int heads) => Once(new Key("values", heads, [weight]),
        () => AbsorbedValues.Pack(weight.Span, bias is null ? default : bias.Span, heads, weight.Shape[0] / heads, weight.Shape[1]));

    private static float[] Joined(Tensor[] weights) => [.. weights.SelectMany(w => w.ToArray())];

    private T Once<T>(Key key, Func<T> make)
        where T : notnull
    {
        lock (_lock)
        {
            if (_made.TryGetValue(key, out var made)) return (T)made;
            var value = make();
            _made.Add(key, value);
            return value;
        }
    }

    /// <summary>What was made of which tensors.</summary>
    private readonly struct Key(string kind, int heads, Tensor[] of) : IEquatable<Key>
    {
        private readonly string _kind = kind;
        private readonly int _heads = heads;
        private readonly Tensor[] _of = of;

        public bool Equals(Key other) => _kind == other._kind && _heads == other._heads
            && _of.SequenceEqual(other._of, ReferenceEqualityComparer.Instance);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(_kind);
            hash.Add(_heads);
            foreach (var tensor in _of) hash.Add(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(tensor));
            return hash.ToHashCode();
        }
    }
}
