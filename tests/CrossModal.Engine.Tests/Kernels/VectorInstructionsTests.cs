using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class VectorInstructionsTests
{
    [Fact]
    public void What_a_child_process_was_told_to_switch_off_is_off()
    {
        switch (Environment.GetEnvironmentVariable(Kernels_without_vector_instructions.Mark))
        {
            case "DOTNET_EnableAVX512": Assert.False(Vector512.IsHardwareAccelerated); break;
            case "DOTNET_EnableAVX2": Assert.False(Vector256.IsHardwareAccelerated); break;
            case "DOTNET_EnableHWIntrinsic": Assert.False(Vector128.IsHardwareAccelerated); break;
        }
    }
}
