namespace CrossModal.Engine.Kernels;

/// <summary>The sizes of one convolution: x [Batch, Channels, Height, Width], weight [Outputs, Channels, KernelHeight,
/// KernelWidth].</summary>
internal readonly record struct ConvolutionShape(
    int Batch, int Channels, int Height, int Width, int Outputs, int KernelHeight, int KernelWidth, int Stride, int Padding)
{
    /// <summary>Rows of the result.</summary>
    public int OutHeight => (Height + 2 * Padding - KernelHeight) / Stride + 1;

    /// <summary>Columns of the result.</summary>
    public int OutWidth => (Width + 2 * Padding - KernelWidth) / Stride + 1;

    /// <summary>Positions of the window, P.</summary>
    public int Pixels => OutHeight * OutWidth;

    /// <summary>Places of the window over all channels, K.</summary>
    public int Window => Channels * KernelHeight * KernelWidth;

    /// <summary>Numbers of one image.</summary>
    public int Image => Channels * Height * Width;

    /// <summary>Numbers of one result.</summary>
    public int Result => Outputs * Pixels;
}
