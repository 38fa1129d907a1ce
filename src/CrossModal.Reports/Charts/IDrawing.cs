namespace CrossModal.Reports;

/// <summary>A drawing of a fixed size: stands in a page (<see cref="Figure"/>) or in a file of its own (<see cref="SvgFile"/>), legend
/// included.</summary>
internal interface IDrawing
{
    /// <summary>Width in pixels.</summary>
    double Width { get; }

    /// <summary>Height in pixels.</summary>
    double Height { get; }

    /// <summary>What it shows, with the numbers, for those who cannot see it.</summary>
    string Description { get; }

    /// <summary>Draws into an open <c>svg</c> element.</summary>
    void Draw(HtmlWriter html);
}
