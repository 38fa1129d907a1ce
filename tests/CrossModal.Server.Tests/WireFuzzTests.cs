using System.Text;
using System.Text.Json;
using CrossModal.Client.Wire;
using CrossModal.Server.Batching;
using CrossModal.Server.Wires;

namespace CrossModal.Server.Tests;

/// <summary>Damaged messages of every wire: one exception of ours each, and memory in proportion to the message.</summary>
public sealed class WireFuzzTests
{
    private const int Mutations = 10_000;
    private const long MostMemory = 8 << 20;

    [Fact]
    public void Mutated_messages_of_openpi_are_refused_or_read()
    {
        var mapping = ObservationMapping.Load("own", new EchoModel().Signature);
        Fuzz(RunningServer.Bytes(RunningServer.Request(1, 2)), bytes =>
            mapping.Decode(MessageReader.ReadMap(bytes), new EchoModel().Signature));
    }

    [Fact]
    public void Mutated_bodies_of_act_are_refused_or_read()
    {
        var mapping = new ObservationMapping(["image"], [new StateSource("state")], "instruction");
        var body = $$"""{"image":{"__numpy__":"{{Convert.ToBase64String(new byte[12])}}","dtype":"|u1","shape":[2,2,3]},"state":[1,2.5],"instruction":"go"}""";
        Fuzz(Encoding.UTF8.GetBytes(body), bytes => mapping.Decode(JsonNumpy.ReadMap(bytes), new EchoModel().Signature));
    }

    [Fact]
    public void Mutated_bodies_of_KServe_are_refused_or_read()
    {
        var (body, json) = KServeBody.Binary(new byte[12], "go", [1, 2]);
        Fuzz(body, bytes => KServeRequest.Parse(bytes, Math.Min(json, bytes.Length)).Observations(new EchoModel().Signature, 16));
    }

    private static void Fuzz(byte[] right, Action<byte[]> read)
    {
        read(right);
        var random = new Random(20);
        var refused = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var bytes = Mutate(right, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(bytes);
            }
            catch (Exception exception) when (exception is WireFormatException or RefusedException)
            {
                refused++;
                Assert.DoesNotContain('\n', exception.Message);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostMemory);
        }

        Assert.InRange(refused, Mutations / 4, Mutations);
    }

    private static byte[] Mutate(byte[] right, Random random)
    {
        var bytes = right.ToList();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at)); break;
                case 3: bytes.InsertRange(at, Enumerable.Range(0, random.Next(1, 9)).Select(_ => (byte)random.Next(256)).ToArray()); break;
                default: bytes.RemoveRange(at, bytes.Count - at); break;
            }

            if (bytes.Count == 0) bytes.Add(0);
        }

        return [.. bytes];
    }
}

/// <summary>Requests of KServe with the tensors' bytes behind the JSON.</summary>
internal static class KServeBody
{
    public static (byte[] Body, int Json) Binary(byte[] picture, string instruction, float[] state)
    {
        var text = Encoding.UTF8.GetBytes(instruction);
        byte[] texts = [.. BitConverter.GetBytes(text.Length), .. text];
        var json = JsonSerializer.SerializeToUtf8Bytes(new
        {
            id = "7",
            inputs = new object[]
            {
                new { name = "camera", datatype = "UINT8", shape = new[] { 1, 2, 2, 3 },
                    parameters = new { binary_data_size = picture.Length } },
                new { name = "instruction", datatype = "BYTES", shape = new[] { 1 }, parameters = new { binary_data_size = texts.Length } },
                new { name = "state", datatype = "FP32", shape = new[] { 1, state.Length },
                    parameters = new { binary_data_size = 4 * state.Length } },
            },
            outputs = new[] { new { name = "action", parameters = new { binary_data = true } } },
        });
        return ([.. json, .. picture, .. texts, .. state.SelectMany(BitConverter.GetBytes)], json.Length);
    }
}
