using CrossModal.Encoders;

namespace CrossModal.OnnxRuntime;

/// <summary>Lets policies get their visual tokens from ONNX files, computed by ONNX Runtime.</summary>
public static class OnnxRuntimeEncoders
{
    /// <summary>Registers ONNX Runtime as what computes the <c>.onnx</c> files of <see cref="PretrainedEncoders.Vision"/>; to be called
    /// before such a policy is made or loaded. The tool calls it for <c>--with CrossModal.OnnxRuntime.dll</c>.</summary>
    public static void Register() => OnnxRunners.Open = (file, output) => new OnnxRuntimeModel(file, output);
}
