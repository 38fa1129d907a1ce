using System.Runtime.CompilerServices;
using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

/// <summary>A test that needs libturbojpeg.</summary>
internal sealed class TurboJpegFact([CallerMemberName] string test = "")
    : OptionalFact(Jpeg.IsInstalled ? null : $"libturbojpeg is not installed: {TurboJpeg.HowToInstall}", test);
