using System.Reflection;
using System.Runtime.InteropServices;

namespace CrossModal.Imaging;

/// <summary>The functions of libturbojpeg 2 and later (https://libjpeg-turbo.org), found when a JPEG picture is first read; never needed
/// otherwise.</summary>
internal sealed class TurboJpeg
{
    /// <summary>Three bytes a pixel, red first.</summary>
    public const int PixelFormatRgb = 0;

    /// <summary>The colorspace of cyan, magenta, yellow and black.</summary>
    public const int Cmyk = 3;

    /// <summary>The colorspace of luminance, chrominance and black, which becomes <see cref="Cmyk"/>.</summary>
    public const int Ycck = 4;

    /// <summary>Stops at 500 scans: a small progressive file can otherwise keep a decoder busy for minutes.</summary>
    public const int LimitScans = 32768;

    private static readonly Lazy<TurboJpeg?> Found = new(() => Load(FileNames));

    private TurboJpeg(nint library)
    {
        Start = Function<StartFunction>(library, "tjInitDecompress");
        ReadHeader = Function<HeaderFunction>(library, "tjDecompressHeader3");
        Decompress = Function<DecompressFunction>(library, "tjDecompress2");
        LastError = Function<ErrorFunction>(library, "tjGetErrorStr2");
        End = Function<EndFunction>(library, "tjDestroy");
    }

    /// <summary>Makes a decoder; 0 when there is no memory for one.</summary>
    public delegate nint StartFunction();

    /// <summary>Reads sizes and kind; not 0 when the bytes are no JPEG.</summary>
    public delegate int HeaderFunction(nint decoder, byte[] file, CULong length, out int width, out int height, out int subsampling,
        out int colorspace);

    /// <summary>Unpacks the pixels; not 0 when something was wrong or odd.</summary>
    public delegate int DecompressFunction(nint decoder, byte[] file, CULong length, byte[] pixels, int width, int pitch, int height,
        int pixelFormat, int flags);

    /// <summary>What was wrong or odd last.</summary>
    public delegate nint ErrorFunction(nint decoder);

    /// <summary>Frees a decoder.</summary>
    public delegate int EndFunction(nint decoder);

    /// <summary>The library, or null where it is not installed.</summary>
    public static TurboJpeg? Installed => Found.Value;

    /// <inheritdoc cref="StartFunction"/>
    public StartFunction Start { get; }

    /// <inheritdoc cref="HeaderFunction"/>
    public HeaderFunction ReadHeader { get; }

    /// <inheritdoc cref="DecompressFunction"/>
    public DecompressFunction Decompress { get; }

    /// <inheritdoc cref="ErrorFunction"/>
    public ErrorFunction LastError { get; }

    /// <inheritdoc cref="EndFunction"/>
    public EndFunction End { get; }

    /// <summary>How to install the library on this platform.</summary>
    public static string HowToInstall =>
        OperatingSystem.IsMacOS() ? "brew install jpeg-turbo"
        : OperatingSystem.IsWindows() ? "the installer of libjpeg-turbo.org, with the folder of turbojpeg.dll on the PATH"
        : "apt-get install libturbojpeg0 on Debian, libturbojpeg on Ubuntu, dnf install turbojpeg on Fedora, apk add libjpeg-turbo on " +
            "Alpine";

    private static string[] FileNames =>
        OperatingSystem.IsMacOS() ? ["libturbojpeg.0.dylib", "libturbojpeg.dylib", "/opt/homebrew/opt/jpeg-turbo/lib/libturbojpeg.0.dylib",
            "/usr/local/opt/jpeg-turbo/lib/libturbojpeg.0.dylib"]
        : OperatingSystem.IsWindows() ? ["turbojpeg.dll", "libturbojpeg.dll", @"C:\libjpeg-turbo64\bin\turbojpeg.dll"]
        : ["libturbojpeg.so.0", "libturbojpeg.so"];

    /// <summary>The first library of these names that has the functions, or null.</summary>
    public static TurboJpeg? Load(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (NativeLibrary.TryLoad(name, Assembly.GetExecutingAssembly(), null, out var library))
            {
                try
                {
                    return new TurboJpeg(library);
                }
                catch (EntryPointNotFoundException)
                {
                    NativeLibrary.Free(library);
                }
            }

        return null;
    }

    private static T Function<T>(nint library, string name) where T : Delegate =>
        Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));
}
