using System.Diagnostics;
using System.Globalization;
using System.Text;
using CrossModal.Imaging;

namespace CrossModal.Datasets;

/// <summary>Encodes pictures as an MP4 video by an installed <c>ffmpeg</c> program. It loses detail: what is decoded is near the pictures,
/// not equal to them.</summary>
internal sealed class VideoEncoder : IDisposable
{
    private readonly string _path;
    private readonly int _width;
    private readonly int _height;
    private readonly Process _process;
    private readonly Task<string> _problem;

    /// <summary>Starts the program.</summary>
    /// <param name="path">The file, which is not there yet.</param>
    /// <param name="width">Pixels in a row of every picture.</param>
    /// <param name="height">Rows of every picture.</param>
    /// <param name="rate">Pictures a second, in Hz.</param>
    /// <exception cref="IOException">The program is not installed; the message says how to get it.</exception>
    public VideoEncoder(string path, int width, int height, double rate)
    {
        (_path, _width, _height) = (path, width, height);
        var codec = CodecOf();
        var start = new ProcessStartInfo(Ffmpeg.Program)
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };

        // Every second picture stands alone, so that single ones are decoded quickly, as LeRobot itself writes videos.
        string[] arguments =
        [
            "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", string.Create(CultureInfo.InvariantCulture, $"{width}x{height}"),
            "-framerate", rate.ToString("R", CultureInfo.InvariantCulture), "-i", "-", "-c:v", codec.Encoder, .. codec.Quality, "-g", "2",
            "-pix_fmt", PixelsOf(width, height), $"file:{path}",
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _problem = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>The name of the codec, as <c>info.json</c> gives it.</summary>
    /// <exception cref="IOException">The program is not installed; the message says how to get it.</exception>
    public static string Codec => CodecOf().Name;

    /// <summary>How the encoder keeps colours; those of sides with an odd number of pixels are not halved.</summary>
    public static string PixelsOf(int width, int height) => width % 2 == 0 && height % 2 == 0 ? "yuv420p" : "yuv444p";

    /// <summary>Adds a picture.</summary>
    /// <exception cref="IOException">The program failed; the message says why.</exception>
    public void Add(RgbImage picture)
    {
        if (picture.Width != _width || picture.Height != _height)
            throw new ArgumentException(
                $"VideoEncoder: a picture of {picture.Width}×{picture.Height} in a video of {_width}×{_height}", nameof(picture));
        try
        {
            _process.StandardInput.BaseStream.Write(picture.Pixels);
        }
        catch (IOException)
        {
            _process.WaitForExit();
            throw Failed();
        }
    }

    /// <summary>Ends the video.</summary>
    /// <exception cref="IOException">The program failed; the message says why.</exception>
    public void Finish()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already, and its exit code says how.
        }

        _process.WaitForExit();
        if (_process.ExitCode != 0) throw Failed();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited) Ffmpeg.Kill(_process);
        _process.Dispose();
    }

    private IOException Failed()
    {
        var problem = new StringBuilder(_problem.GetAwaiter().GetResult().Trim()).Replace('\n', ' ').ToString();
        return new IOException(
            $"{Path.GetFileName(_path)}: {Ffmpeg.Program} cannot encode it: {(problem.Length > 300 ? problem[..300] : problem)}");
    }

    private static (string Name, string Encoder, string[] Quality) CodecOf()
    {
        if (!Ffmpeg.IsInstalled)
            throw new IOException(
                $"videos are written by the program {Ffmpeg.Program}, which was not found; install it ({Ffmpeg.HowToInstall}), or leave --video out");
        return Ffmpeg.Encoders.Contains(" libx264 ", StringComparison.Ordinal) ? ("h264", "libx264", ["-crf", "18", "-preset", "medium"])
            : ("mpeg4", "mpeg4", ["-q:v", "2"]);
    }
}
