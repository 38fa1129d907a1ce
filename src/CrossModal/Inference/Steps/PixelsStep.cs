using CrossModal.Engine.Kernels;

namespace CrossModal.Inference;

/// <summary>Copies a map that lies plane by plane pixel by pixel, for convolutions, with the scaling that stands before it.</summary>
/// <param name="planes">Map <c>[B, C, H, W]</c>.</param>
/// <param name="factor">What every number is multiplied by.</param>
/// <param name="shift">What is added after.</param>
/// <param name="pixels">Where it goes.</param>
internal sealed class PixelsStep(Value planes, float factor, float shift, PixelMap pixels)
    : Step("", planes.Stage, [planes], [pixels.Value])
{
    private bool IsScaled => factor != 1 || shift != 0;

    /// <inheritdoc/>
    public override string Action => IsScaled ? "Scale, planes to pixels" : "planes to pixels";

    /// <inheritdoc/>
    public override double Flops => IsScaled ? 2.0 * planes.Shape.Length : 0;

    /// <inheritdoc/>
    public override void Execute(Workers workers)
    {
        var s = planes.Shape;
        PixelOrder.Run(s[0], s[1], s[2], s[3], planes.Span, factor, shift, pixels.Around, pixels.Value.Span);
    }
}
