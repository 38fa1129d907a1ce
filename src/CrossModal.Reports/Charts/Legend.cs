namespace CrossModal.Reports;

/// <summary>Names the lines of a chart, each beside a piece of it.</summary>
internal static class Legend
{
    private const double Width = 30;
    private const double Height = 10;

    /// <summary>Writes the names in the order of the lines.</summary>
    public static void Write(HtmlWriter html, IEnumerable<string> names)
    {
        using (html.Element("div", ("class", "legend")))
            foreach (var (i, name) in names.Index())
                using (html.Element("span"))
                {
                    using (html.StartSvg(Width, Height, "", "key"))
                        html.Line(2, Height / 2, Width - 2, Height / 2, $"line s{i % LineChart.Styles}");
                    html.Text(name);
                }
    }
}
