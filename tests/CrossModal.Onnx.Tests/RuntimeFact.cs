using Microsoft.ML.OnnxRuntime;

namespace CrossModal.Onnx.Tests;

/// <summary>Whether ONNX Runtime's native library loads here.</summary>
internal static class Runtime
{
    public static string? Missing { get; } = Find();

    private static string? Find()
    {
        try
        {
            _ = OrtEnv.Instance();
            return null;
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            return "the native library of Microsoft.ML.OnnxRuntime does not load here";
        }
    }
}

/// <summary>A test that runs models in ONNX Runtime.</summary>
internal sealed class RuntimeFact([System.Runtime.CompilerServices.CallerMemberName] string test = "")
    : OptionalFact(Runtime.Missing, test);

/// <summary>The same with data.</summary>
internal sealed class RuntimeTheory([System.Runtime.CompilerServices.CallerMemberName] string test = "")
    : OptionalTheory(Runtime.Missing, test);

/// <summary>A test of a trained policy, whose folder an environment variable names.</summary>
internal sealed class PolicyFact(string variable, [System.Runtime.CompilerServices.CallerMemberName] string test = "") : OptionalFact(
    Runtime.Missing ?? (Environment.GetEnvironmentVariable(variable) is null
        ? $"the environment variable {variable} names no folder of a policy trained on pick" : null), test);
