namespace CrossModal.Engine.Formats;

/// <summary>The type of one stored number.</summary>
public enum ElementType
{
    /// <summary>IEEE half precision, 2 bytes.</summary>
    F16,

    /// <summary>bfloat16, the upper 2 bytes of an <see cref="F32"/>.</summary>
    BF16,

    /// <summary>IEEE single precision, 4 bytes.</summary>
    F32,

    /// <summary>IEEE double precision, 8 bytes.</summary>
    F64,

    /// <summary>Signed byte.</summary>
    I8,

    /// <summary>Unsigned byte.</summary>
    U8,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64,

    /// <summary>8 bits: sign, 4 of exponent, 3 of mantissa; no infinity, largest 448 (Micikevicius et al. 2022, "FP8 Formats for Deep
    /// Learning").</summary>
    F8E4M3,

    /// <summary>8 bits: sign, 5 of exponent, 2 of mantissa, the upper byte of an <see cref="F16"/>; largest 57344 (the same).</summary>
    F8E5M2,

    /// <summary>8 bits of exponent, 2⁻¹²⁷ to 2¹²⁷: a scale (OCP Microscaling Formats 1.0).</summary>
    F8E8M0,

    /// <summary>One byte, 0 for false; anything else reads as true.</summary>
    Bool,
}

/// <summary>What follows from an <see cref="ElementType"/>.</summary>
internal static class ElementTypeExtensions
{
    /// <summary>Bytes one element takes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enumeration.</exception>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.I8 or ElementType.U8 or ElementType.Bool or ElementType.F8E4M3 or ElementType.F8E5M2 or ElementType.F8E8M0 => 1,
        ElementType.F16 or ElementType.BF16 or ElementType.I16 or ElementType.U16 => 2,
        ElementType.F32 or ElementType.I32 or ElementType.U32 => 4,
        ElementType.F64 or ElementType.I64 or ElementType.U64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };

    /// <summary>Whether elements are real numbers, which may have a fraction.</summary>
    internal static bool IsReal(this ElementType type) => type is ElementType.F16 or ElementType.BF16 or ElementType.F32 or ElementType.F64
        or ElementType.F8E4M3 or ElementType.F8E5M2 or ElementType.F8E8M0;

    /// <summary>The name that safetensors files give the type.</summary>
    internal static string Dtype(this ElementType type) => type switch
    {
        ElementType.Bool => "BOOL",
        ElementType.F8E4M3 => "F8_E4M3",
        ElementType.F8E5M2 => "F8_E5M2",
        ElementType.F8E8M0 => "F8_E8M0",
        _ => type.ToString(),
    };

    /// <summary>The type that safetensors files give a name; null when it is none of these.</summary>
    internal static ElementType? OfDtype(string dtype) => Dtypes.TryGetValue(dtype, out var type) ? type : null;

    private static Dictionary<string, ElementType> Dtypes { get; } = Enum.GetValues<ElementType>().ToDictionary(Dtype);
}
