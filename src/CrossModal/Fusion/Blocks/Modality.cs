using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>Marks tokens with the modality they come from.</summary>
internal static class Modality
{
    /// <summary>Words with row 0 of the marks added, then visual tokens with row 1 added.</summary>
    public static Tokens Join(Tokens language, Tokens vision, Tensor marks, Pass pass) => Tokens.Join(
        [
            language with { Values = pass.Add(language.Values, pass.Slice(marks, 0, 0, 1)) },
            vision with { Values = pass.Add(vision.Values, pass.Slice(marks, 0, 1, 1)) },
        ], pass);
}
