using CrossModal.Imaging;

namespace CrossModal.Reports;

/// <summary>Pictures of one size in named rows, as one picture.</summary>
internal static class PictureGrid
{
    private const int Gap = 4;
    private const int LetterWidth = 12;
    private const int LetterHeight = 14;
    private const int Scale = 2;

    /// <summary>Puts them together: names to the left, on white.</summary>
    /// <param name="rows">Rows from the top; a picture that is missing leaves its place empty.</param>
    /// <exception cref="ArgumentException">There is no picture.</exception>
    public static RgbImage Compose(IReadOnlyList<(string Name, IReadOnlyList<RgbImage?> Pictures)> rows)
    {
        var first = rows.SelectMany(r => r.Pictures).FirstOrDefault(p => p is not null)
            ?? throw new ArgumentException("PictureGrid: there is no picture", nameof(rows));
        var title = rows.Max(r => r.Name.Length) * LetterWidth + Gap;
        var image = new RgbImage(title + rows.Max(r => r.Pictures.Count) * (first.Width + Gap), rows.Count * (first.Height + Gap));
        image.Fill(new Rgb(255, 255, 255));
        foreach (var (r, (name, pictures)) in rows.Index())
        {
            Drawing.Text(image, name, 2, r * (first.Height + Gap) + (first.Height - LetterHeight) / 2, new Rgb(26, 29, 35), Scale);
            foreach (var (c, picture) in pictures.Index())
                if (picture is not null) image.Paste(picture, title + c * (first.Width + Gap), r * (first.Height + Gap));
        }

        return image;
    }
}
