using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>The function between the two layers of a feed-forward network.</summary>
public enum ActivationFunction
{
    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x·Φ(x), exact.</summary>
    Gelu,

    /// <summary>The tanh approximation of GELU.</summary>
    GeluTanh,

    /// <summary>x·σ(1.702·x).</summary>
    QuickGelu,

    /// <summary>x·σ(x).</summary>
    Silu,
}

/// <summary>Applies activation functions by name.</summary>
internal static class ActivationFunctions
{
    private static readonly Dictionary<string, ActivationFunction> Published = new()
    {
        ["relu"] = ActivationFunction.Relu,
        ["gelu"] = ActivationFunction.Gelu,
        ["gelu_new"] = ActivationFunction.GeluTanh,
        ["gelu_pytorch_tanh"] = ActivationFunction.GeluTanh,
        ["quick_gelu"] = ActivationFunction.QuickGelu,
        ["silu"] = ActivationFunction.Silu,
        ["swish"] = ActivationFunction.Silu,
    };

    /// <summary>The function a published configuration names: <c>gelu</c>, <c>quick_gelu</c>, …</summary>
    /// <exception cref="ArgumentException">There is no such function; the message lists those there are.</exception>
    public static ActivationFunction Parse(string name) => Published.TryGetValue(name ?? "", out var function)
        ? function
        : throw new ArgumentException($"no activation function is called '{name}'; there are: {string.Join(", ", Published.Keys)}",
            nameof(name));

    /// <summary>The function, elementwise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such function.</exception>
    public static Tensor Apply(this ActivationFunction function, Tensor x, Pass pass) => function switch
    {
        ActivationFunction.Relu => pass.Relu(x),
        ActivationFunction.Gelu => pass.Gelu(x),
        ActivationFunction.GeluTanh => pass.GeluTanh(x),
        ActivationFunction.QuickGelu => pass.QuickGelu(x),
        ActivationFunction.Silu => pass.Silu(x),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "no such activation function"),
    };
}
