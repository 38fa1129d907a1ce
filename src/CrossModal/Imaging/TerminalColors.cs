namespace CrossModal.Imaging;

/// <summary>What a terminal can show.</summary>
public enum TerminalColors
{
    /// <summary>Characters only.</summary>
    None,

    /// <summary>The 256 colours of xterm.</summary>
    Palette256,

    /// <summary>24 bits a pixel.</summary>
    TrueColor,
}
