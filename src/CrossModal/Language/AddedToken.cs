namespace CrossModal.Language;

/// <summary>A piece that is found in a text as it stands, before words are cut: <c>[MASK]</c>.</summary>
/// <param name="Content">How it is written.</param>
/// <param name="Id">Its number.</param>
/// <param name="Normalized">Whether it is looked for after the text was normalised, instead of before.</param>
/// <param name="StripLeft">Whether the space before it belongs to it.</param>
/// <param name="StripRight">Whether the space after it belongs to it.</param>
/// <param name="SingleWord">Whether it counts only where no word goes on before or after it.</param>
/// <param name="Special">Whether it belongs to the model's form, as <c>[MASK]</c> does, and is no word of the text.</param>
internal sealed record AddedToken(
    string Content, int Id, bool Normalized = false, bool StripLeft = false, bool StripRight = false, bool SingleWord = false,
        bool Special = false);
