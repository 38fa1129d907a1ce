using CrossModal.Imaging;

namespace CrossModal.Reports;

/// <summary>A named row of a <see cref="PictureGrid"/>.</summary>
/// <param name="name">Its name.</param>
/// <param name="pictures">Its pictures; null where one is missing.</param>
internal sealed class PictureRow(string name, IReadOnlyList<RgbImage?> pictures)
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Its pictures; null where one is missing.</summary>
    public IReadOnlyList<RgbImage?> Pictures => pictures;
}
