using CrossModal.Imaging;
using CrossModal.Tabletop.Camera;

namespace CrossModal.Cli.Diagnosis;

/// <summary>Takes an object out of a picture.</summary>
internal static class HiddenObject
{
    /// <summary>The picture with an object's pixels in the mean colour of the rest.</summary>
    public static RgbImage In(RgbImage picture, CameraFrame frame, int thing)
    {
        var (hidden, ids) = (new RgbImage(picture.Width, picture.Height, [.. picture.Pixels]), new byte[frame.Size * frame.Size]);
        frame.WriteIds(ids);
        for (var c = 0; c < RgbImage.Channels; c++)
        {
            double sum = 0;
            var count = 0;
            for (var i = 0; i < ids.Length; i++)
                if (ids[i] != CameraFrame.IdOf(thing)) (sum, count) = (sum + picture.Pixels[i * RgbImage.Channels + c], count + 1);
            for (var i = 0; i < ids.Length; i++)
                if (ids[i] == CameraFrame.IdOf(thing))
                    hidden.Pixels[i * RgbImage.Channels + c] = (byte)Math.Round(sum / Math.Max(1, count));
        }

        return hidden;
    }
}
