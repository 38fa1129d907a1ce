using CrossModal.Imaging;

namespace CrossModal.Cli.Diagnosis;

/// <summary>The pictures that a policy is given at a step.</summary>
/// <param name="current">A picture of each camera.</param>
internal sealed class PictureWindow(RgbImage[] current)
{
    /// <summary>A picture of each camera.</summary>
    public RgbImage[] Current => current;

    /// <summary>Of a policy with past frames those of the steps before, the step before first; fewer near the start of an
    /// episode.</summary>
    public RgbImage[][] Past { get; init; } = [];

    /// <summary>The same with every picture changed.</summary>
    /// <param name="change">Makes a picture of a picture, its camera and how many steps ago it was taken.</param>
    public PictureWindow Select(Func<RgbImage, int, int, RgbImage> change) =>
        new(Changed(Current, 0, change)) { Past = [.. Past.Select((pictures, i) => Changed(pictures, i + 1, change))] };

    private static RgbImage[] Changed(RgbImage[] pictures, int age, Func<RgbImage, int, int, RgbImage> change) =>
        [.. pictures.Select((picture, view) => change(picture, view, age))];
}
