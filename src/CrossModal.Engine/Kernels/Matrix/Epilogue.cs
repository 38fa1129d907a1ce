namespace CrossModal.Engine.Kernels;

/// <summary>A function applied to each element of a product; None leaves it as it is.</summary>
internal enum EpilogueActivation
{
    /// <summary>The identity.</summary>
    None,

    /// <summary><see cref="Kernels.Relu"/>.</summary>
    Relu,

    /// <summary><see cref="Kernels.Gelu"/>.</summary>
    Gelu,

    /// <summary><see cref="Kernels.GeluTanh"/>.</summary>
    GeluTanh,

    /// <summary><see cref="Kernels.QuickGelu"/>.</summary>
    QuickGelu,

    /// <summary><see cref="Kernels.Silu"/>.</summary>
    Silu,

    /// <summary><see cref="Kernels.Sigmoid"/>.</summary>
    Sigmoid,

    /// <summary><see cref="Kernels.Tanh"/>.</summary>
    Tanh,
}

/// <summary>What happens to a product A B before it is written: c = activation(A B + bias) + residual.</summary>
internal unsafe struct Epilogue
{
    /// <summary>[N], or null when there is none.</summary>
    public float* Bias;

    /// <summary>Applied after the bias.</summary>
    public EpilogueActivation Activation;

    /// <summary>[m, N] with adjacent columns, or null when there is none; may be the result's own memory.</summary>
    public float* Residual;

    /// <summary>Distance between rows of the residual.</summary>
    public nint ResidualRow;
}
