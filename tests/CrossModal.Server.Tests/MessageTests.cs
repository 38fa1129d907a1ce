using System.Buffers;
using CrossModal.Client.Wire;

namespace CrossModal.Server.Tests;

public sealed class MessageTests
{
    [Fact]
    public void A_message_as_the_Python_client_packs_it_is_read_to_the_value()
    {
        // msgpack of {"prompt": "go", "x": msgpack-numpy of np.arange(3, dtype=">i2")}: binary keys, big-endian data.
        byte[] message =
        [
            0x82, 0xa6, .. "prompt"u8, 0xa2, .. "go"u8, 0xa1, .. "x"u8,
            0x84, 0xc4, 11, .. "__ndarray__"u8, 0xc3, 0xc4, 4, .. "data"u8, 0xc4, 6, 0, 0, 0, 1, 0, 2,
            0xc4, 5, .. "dtype"u8, 0xa3, .. ">i2"u8, 0xc4, 5, .. "shape"u8, 0x91, 3,
        ];
        var map = MessageReader.ReadMap(message);
        Assert.Equal("go", map["prompt"]);
        Assert.Equal([0f, 1, 2], Assert.IsType<NumpyArray>(map["x"]).ToSingles());
    }

    [Fact]
    public void An_array_is_written_byte_for_byte_as_msgpack_numpy_does()
    {
        var output = new ArrayBufferWriter<byte>();
        MessageWriter.Write(new Dictionary<string, object?> { ["a"] = NumpyArray.Of([1f], 1) }, output);
        byte[] expected =
        [
            0x81, 0xa1, .. "a"u8, 0x84, 0xc4, 11, .. "__ndarray__"u8, 0xc3, 0xc4, 4, .. "data"u8, 0xc4, 4, 0, 0, 0x80, 0x3f,
            0xc4, 5, .. "dtype"u8, 0xa3, .. "<f4"u8, 0xc4, 5, .. "shape"u8, 0x91, 1,
        ];
        Assert.Equal(expected, output.WrittenSpan.ToArray());
    }

    [Theory]
    [InlineData("<f2", new byte[] { 0, 0x3c }, 1)]
    [InlineData(">f4", new byte[] { 0x3f, 0x80, 0, 0 }, 1)]
    [InlineData("<f8", new byte[] { 0, 0, 0, 0, 0, 0, 0xf0, 0xbf }, -1)]
    [InlineData("|u1", new byte[] { 200 }, 200)]
    [InlineData("|i1", new byte[] { 200 }, -56)]
    [InlineData("|b1", new byte[] { 1 }, 1)]
    [InlineData(">u2", new byte[] { 1, 2 }, 258)]
    [InlineData("<i4", new byte[] { 0xff, 0xff, 0xff, 0xff }, -1)]
    [InlineData("<i8", new byte[] { 3, 0, 0, 0, 0, 0, 0, 0 }, 3)]
    [InlineData("int16", new byte[] { 0xfe, 0xff }, -2)]
    public void Every_type_of_numbers_is_read_in_either_order_of_bytes(string type, byte[] data, float expected) =>
        Assert.Equal([expected], new NumpyArray(NumpyType.Parse(type), [1], data).ToSingles());

    [Theory]
    [InlineData("|O")]
    [InlineData("|V8")]
    [InlineData("<c8")]
    [InlineData("<U3")]
    [InlineData("<f3")]
    [InlineData("")]
    [InlineData("<f16")]
    public void Objects_records_complex_numbers_and_text_are_refused(string type) =>
        Assert.Contains($"'{type}'", Assert.Throws<WireFormatException>(() => NumpyType.Parse(type)).Message, StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_do_not_fit_the_shape_are_refused_and_sizes_do_not_overflow()
    {
        Assert.Throws<WireFormatException>(() => new NumpyArray(NumpyType.Single, [2, 2], new byte[15]));
        Assert.Throws<WireFormatException>(() => new NumpyArray(NumpyType.Single, [int.MaxValue, int.MaxValue, 4], new byte[16]));
        Assert.Throws<WireFormatException>(() => new NumpyArray(NumpyType.Single, [-1], new byte[4]));
        Assert.Equal(0, new NumpyArray(NumpyType.Single, [0, 7], default).Count);
    }

    [Fact]
    public void A_message_that_claims_a_huge_array_or_is_nested_deeply_is_refused_without_memory()
    {
        Assert.Throws<WireFormatException>(() => MessageReader.ReadMap(new byte[] { 0xdd, 0x7f, 0xff, 0xff, 0xff }));
        Assert.Throws<WireFormatException>(() => MessageReader.ReadMap(Enumerable.Repeat((byte)0x91, 10_000).ToArray()));
        Assert.Throws<WireFormatException>(() => MessageReader.ReadMap(new byte[] { 0x80, 0 }));
        Assert.Throws<WireFormatException>(() => MessageReader.ReadMap(new byte[] { 0x82, 0xa1, 97, 1, 0xa1, 97, 2 }));
        Assert.Throws<WireFormatException>(() => MessageReader.ReadMap(new byte[] { 0xd4, 1, 1 }));
    }
}
