using CrossModal.Imaging;

namespace CrossModal.Reports;

/// <summary>Pictures of one width in named rows, as one picture.</summary>
internal static class PictureGrid
{
    private const int Gap = 4;
    private const int LetterWidth = 12;
    private const int LetterHeight = 14;
    private const int Scale = 2;
    private static readonly Rgb Paper = new(255, 255, 255);
    private static readonly Rgb Ink = new(26, 29, 35);

    /// <summary>Puts them together: names to the left, on white.</summary>
    /// <param name="rows">Rows from the top; a picture that is missing leaves its place empty.</param>
    /// <exception cref="ArgumentException">There is no picture.</exception>
    public static RgbImage Compose(IReadOnlyList<PictureRow> rows)
    {
        var first = rows.SelectMany(r => r.Pictures).FirstOrDefault(p => p is not null)
            ?? throw new ArgumentException("PictureGrid: there is no picture", nameof(rows));
        var title = rows.Max(r => r.Name.Length) * LetterWidth + Gap;
        int[] heights = [.. rows.Select(r => r.Pictures.Max(p => p?.Height) ?? first.Height)];
        var image = new RgbImage(title + rows.Max(r => r.Pictures.Count) * (first.Width + Gap), heights.Sum(h => h + Gap));
        image.Fill(Paper);
        var top = 0;
        for (var r = 0; r < rows.Count; r++)
        {
            Drawing.Text(image, rows[r].Name, 2, top + (heights[r] - LetterHeight) / 2, Ink, Scale);
            for (var c = 0; c < rows[r].Pictures.Count; c++)
                if (rows[r].Pictures[c] is { } picture) image.Paste(picture, title + c * (first.Width + Gap), top);
            top += heights[r] + Gap;
        }

        return image;
    }

    /// <summary>A picture with its caption below it; what does not fit the width goes to further lines.</summary>
    public static RgbImage Captioned(CaptionedPicture captioned)
    {
        var picture = captioned.Image;
        var lines = Drawing.Wrap(captioned.Caption, picture.Width, Scale);
        var image = new RgbImage(picture.Width, picture.Height + Gap + lines.Count * Drawing.LineHeight * Scale);
        image.Fill(Paper);
        image.Paste(picture, 0, 0);
        for (var i = 0; i < lines.Count; i++)
            Drawing.Text(image, lines[i], 0, picture.Height + Gap + i * Drawing.LineHeight * Scale, Ink, Scale);
        return image;
    }
}
