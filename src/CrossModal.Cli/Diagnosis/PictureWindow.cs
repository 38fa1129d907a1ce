using CrossModal.Imaging;

namespace CrossModal.Cli.Diagnosis;

/// <summary>The pictures that a policy is given at a step.</summary>
/// <param name="Current">A picture of each camera.</param>
internal sealed record PictureWindow(IReadOnlyList<RgbImage> Current)
{
    /// <summary>Of a policy with past frames those of the steps before, the step before first; fewer near the start of an
    /// episode.</summary>
    public IReadOnlyList<IReadOnlyList<RgbImage>> Past { get; init; } = [];

    /// <summary>The same with every picture changed.</summary>
    /// <param name="change">Makes a picture of a picture, its camera and how many steps ago it was taken.</param>
    public PictureWindow Select(Func<RgbImage, int, int, RgbImage> change) =>
        new([.. Current.Select((picture, view) => change(picture, view, 0))])
        {
            Past = [.. Past.Select((pictures, i) => (RgbImage[])[.. pictures.Select((picture, view) => change(picture, view, i + 1))])],
        };
}
