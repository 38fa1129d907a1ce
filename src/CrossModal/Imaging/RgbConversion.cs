namespace CrossModal.Imaging;

/// <summary>How the samples of a picture file become RGB bytes where they are something else.</summary>
internal enum RgbConversion
{
    /// <summary>Transparency is laid over white, samples of 16 bits are rounded to 8: what a person is shown.</summary>
    OverWhite,

    /// <summary>What Pillow's <c>Image.open(path).convert("RGB")</c> gives, and with it the image processors of published models:
    /// transparency is dropped, so that clear pixels have the colour stored beneath; of 16-bit colours the upper byte counts; 16-bit greys
    /// above 255 are white.</summary>
    Pillow,
}
