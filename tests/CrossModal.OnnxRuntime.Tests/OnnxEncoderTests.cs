using CrossModal.Encoders;
using CrossModal.Engine.Formats;
using CrossModal.Layers;
using CrossModal.Onnx;

namespace CrossModal.OnnxRuntime.Tests;

public sealed class OnnxEncoderTests : IDisposable
{
    private const int Side = 4;
    private readonly TemporaryFolder _folder = new();

    public OnnxEncoderTests() => OnnxRuntimeEncoders.Register();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_feature_map_becomes_tokens_row_by_row()
    {
        // A 2 × 2 mean over each channel's squares: the features of a token are the means of red, green and blue.
        var encoder = Open(Write("map.onnx"), ":map");
        Assert.Equal((3, new TokenGrid(2, 2), Side), (encoder.Width, encoder.Grid, encoder.ImageSize));
        var (planes, features) = (Planes(), new float[12]);
        encoder.Encode(planes, features);
        for (var n = 0; n < 4; n++)
            for (var c = 0; c < 3; c++)
            {
                int[] corners = [0, 1, Side, Side + 1];
                var at = c * Side * Side + n / 2 * 2 * Side + n % 2 * 2;
                Assert.Equal((corners.Average(i => planes[at + i]) - 0.1f * (c + 1)) / 0.5f, features[3 * n + c], 1e-5f);
            }
    }

    [Fact]
    public void A_sequence_is_a_square_of_patches()
    {
        var encoder = Open(Write("map.onnx"), ":sequence");
        Assert.Equal((4, new TokenGrid(2, 2)), (encoder.Width + 1, encoder.Grid));
        var (map, sequence, planes) = (new float[12], new float[12], Planes());
        Open(_folder["map.onnx"], ":map").Encode(planes, map);
        encoder.Encode(planes, sequence);
        Assert.Equal(map, sequence);
    }

    [Fact]
    public void Blue_may_come_first_as_the_files_metadata_says()
    {
        var (plain, swapped, planes) = (new float[12], new float[12], Planes());
        Open(Write("rgb.onnx"), ":map").Encode(planes, plain);
        Open(Write("bgr.onnx", channels: "bgr"), ":map").Encode(planes, swapped);
        Assert.NotEqual(plain, swapped);
        for (var n = 0; n < 4; n++)
            for (var c = 0; c < 3; c++) Assert.Equal(plain[3 * n + c], swapped[3 * n + 2 - c]);
    }

    [Fact]
    public void What_is_no_feature_map_or_not_there_is_refused_by_name()
    {
        var file = Write("map.onnx");
        Assert.Contains("[1, 3, 1, 1] is neither a feature map", Refused(""));
        Assert.Contains("it has no value 'nothing'", Refused(":nothing"));
        File.WriteAllText(file, "no model");
        Assert.Contains("ONNX Runtime refuses it", Refused(""));
        Write("map.onnx", means: false);
        Assert.Contains("its metadata has no 'image_mean'", Refused(":map"));

        string Refused(string output) => Assert.Throws<FileFormatException>(() => Open(file, output)).Message;
    }

    [WeightsFact("ResNet18.onnx")]
    public void ResNet18_gives_49_features_before_its_pooling_whose_mean_is_its_own_output()
    {
        var file = Pretrained.At("ResNet18.onnx");
        var encoder = Open(file, ":ReLU393_Output_0");
        Assert.Equal((512, new TokenGrid(7, 7), 224), (encoder.Width, encoder.Grid, encoder.ImageSize));
        var planes = new float[3 * 224 * 224];
        for (var i = 0; i < planes.Length; i++) planes[i] = i % 251 / 251f;
        var features = new float[encoder.Length];
        encoder.Encode(planes, features);
        var pooled = new OnnxRuntimeModel(file, null).Run(encoder.Norm.Apply(planes), 224).Values;
        for (var e = 0; e < 512; e++)
            Assert.Equal(pooled[e], Enumerable.Range(0, 49).Average(n => features[n * 512 + e]), 1e-4f);
    }

    private static VisionEncoder Open(string file, string output) => new PretrainedEncoders { Vision = file + output }.OfVision()!;

    private static float[] Planes() => [.. Enumerable.Range(0, 3 * Side * Side).Select(i => i * 7 % 48 / 48f)];

    /// <summary>A model of an average pooling, <c>map</c>, its values as a sequence, <c>sequence</c>, and the mean over the whole picture,
    /// which is its output.</summary>
    private string Write(string name, string? channels = null, bool means = true)
    {
        var model = new OnnxModel("pooling", 17);
        model.Inputs.Add(new OnnxValue("pixels", ElementKind.Float, [1, 3, Side, Side]));
        model.Outputs.Add(new OnnxValue("pooled", ElementKind.Float, [1, 3, 1, 1]));
        model.Tensors.Add(new OnnxTensor("sizes", [3], default, [1, 3, 4]));
        model.Nodes.Add(new OnnxNode("AveragePool", "a", ["pixels"], ["map"],
            [("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })]));
        model.Nodes.Add(new OnnxNode("Reshape", "b", ["map", "sizes"], ["rows"], []));
        model.Nodes.Add(new OnnxNode("Transpose", "c", ["rows"], ["sequence"], [("perm", new long[] { 0, 2, 1 })]));
        model.Nodes.Add(new OnnxNode("GlobalAveragePool", "d", ["map"], ["pooled"], []));
        if (means)
        {
            model.Metadata.Add(new(PixelNorm.MeanKey, "0.1,0.2,0.3"));
            model.Metadata.Add(new(PixelNorm.DeviationKey, "0.5,0.5,0.5"));
        }

        if (channels is not null) model.Metadata.Add(new(PixelNorm.ChannelsKey, channels));

        ModelFile.Write(model, _folder[name], OnnxOptions.MessageLimit);
        return _folder[name];
    }
}
