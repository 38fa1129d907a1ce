namespace CrossModal.Inference;

/// <summary>A map that lies pixel by pixel.</summary>
/// <param name="Value">Where, <c>[B, H + 2 around, W + 2 around, C]</c> in memory.</param>
/// <param name="Around">Pixels of zeros around each image.</param>
internal readonly record struct PixelMap(Value Value, int Around);
