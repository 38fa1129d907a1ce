using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

/// <summary>A test that needs libturbojpeg; skipped, with the reason, where it is not installed.</summary>
internal sealed class TurboJpegFact : FactAttribute
{
    public TurboJpegFact()
    {
        if (!Jpeg.IsInstalled) Skip = $"libturbojpeg is not installed: {TurboJpeg.HowToInstall}";
    }
}
