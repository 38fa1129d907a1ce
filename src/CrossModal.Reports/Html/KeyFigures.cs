namespace CrossModal.Reports;

/// <summary>How a figure or an outcome is to be taken; shown by a sign as well as by colour.</summary>
internal enum Tone
{
    /// <summary>Neither.</summary>
    Neutral,

    /// <summary>A target was met, an episode succeeded.</summary>
    Good,

    /// <summary>A target was missed, an episode failed.</summary>
    Bad,
}

/// <summary>One number to take away.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Value">The number with its unit.</param>
/// <param name="Note">An interval or a comparison, in small print.</param>
/// <param name="Tone">How it is to be taken.</param>
internal sealed record KeyFigure(string Label, string Value, string? Note = null, Tone Tone = Tone.Neutral);

/// <summary>The numbers to take away, as cards side by side.</summary>
internal sealed record KeyFigures(params IReadOnlyList<KeyFigure> Figures) : IReportPart
{
    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        using (html.Element("div", ("class", "cards")))
            foreach (var figure in Figures)
                using (html.Element("div", ("class", "card" + Class(figure.Tone))))
                {
                    html.Leaf("div", figure.Label, ("class", "label"));
                    html.Leaf("div", figure.Value, ("class", "value"));
                    if (figure.Note is not null) html.Leaf("div", figure.Note, ("class", "note"));
                }
    }

    /// <summary>The class, with a leading space, that shows a tone.</summary>
    internal static string Class(Tone tone) => tone switch
    {
        Tone.Good => " good",
        Tone.Bad => " bad",
        _ => "",
    };
}
