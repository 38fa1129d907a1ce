using CrossModal.Engine.Kernels;

namespace CrossModal.Inference;

/// <summary>The shape of a mask as kernels want it.</summary>
internal static class MaskShapes
{
    /// <summary>Of <c>[B or 1, H or 1, Nq or 1, Nk]</c>; empty for none.</summary>
    public static MaskShape Of(Value? mask) =>
        mask is null ? default : new MaskShape(mask.Shape[0], mask.Shape[1], mask.Shape[2], mask.Shape[3]);
}
