using CrossModal.Checkpoints;
using CrossModal.Imaging;
using CrossModal.Models;

namespace CrossModal.Tests.Checkpoints;

/// <summary>Published models on inputs that once failed; the values are those of an independent computation in double precision.</summary>
public sealed class SharedCaseTests
{
    private const string Ends = "02-clip-eos-token-id", Clear = "05-transparency", Turned = "06-exif", Common = "12-processor-config",
        Labels = "23-vilt-token-classification";

    [SharedCaseFact(Ends)]
    public void Clip_reads_a_text_at_the_token_that_ends_it()
    {
        Assert.Equal(-0.156165, Cosine(SharedCaseFact.At(Ends, "clip"), SharedCaseFact.At(Ends, "photo.png")), 1e-6);
        Assert.Equal(-0.102782, Cosine(SharedCaseFact.At(Ends, "clip_eosfirst"), SharedCaseFact.At(Ends, "photo.png")), 1e-6);
    }

    [SharedCaseFact(Ends, Clear)]
    public void Clip_sees_the_colours_beneath_transparency()
    {
        Assert.Equal(-0.4843, Cosine(SharedCaseFact.At(Ends, "clip"), SharedCaseFact.At(Clear, "rgba.png")), 1e-4);
        Assert.Equal(-0.5450, Cosine(SharedCaseFact.At(Ends, "clip"), SharedCaseFact.At(Clear, "rgba_clearblack.png")), 1e-4);
    }

    [SharedCaseFact(Ends, Common)]
    public void The_common_file_of_tokenizer_and_pictures_is_read() =>
        Assert.Equal(0.652589, Cosine(SharedCaseFact.At(Common), SharedCaseFact.At(Ends, "photo.png")), 1e-6);

    [SharedCaseFact(Turned)]
    public void Pictures_are_turned_upright()
    {
        var png = Picture.Read(SharedCaseFact.At(Turned, "exif6.png"));
        Assert.Equal((30, 40), (png.Width, png.Height));
        if (!Jpeg.IsInstalled) return;
        var jpeg = Picture.Read(SharedCaseFact.At(Turned, "exif6.jpg"));
        Assert.Equal((30, 40), (jpeg.Width, jpeg.Height));
    }

    [SharedCaseFact(Labels)]
    public void A_model_that_labels_tokens_is_read_without_a_pooler()
    {
        var vilt = Assert.IsType<Vilt>(PublishedModel.Load(SharedCaseFact.At(Labels)).Model);
        Assert.DoesNotContain(vilt.Parameters(), p => p.Key.Contains("pooler", StringComparison.Ordinal));
    }

    private static double Cosine(string model, string picture) =>
        WordsInPicture.Explain(PublishedModel.Load(model), Picture.Read(picture, RgbConversion.Pillow), "the red cup").Score!.Value.Value;
}
