using System.Globalization;
using System.Runtime.InteropServices;
using CrossModal.Engine.Formats;

namespace CrossModal.Benchmarks.Cases;

/// <summary>The folder that all engines read their inputs from: per network one file of little-endian float32 an array, and the float64
/// output.</summary>
/// <remarks>The layout is that of the peer cases: <c>layers.txt</c> with lines "name B Nl Nv d H", <c>a/Wq.f32</c>, <c>a/ref.f64</c>;
/// networks of four blocks add <c>networks.txt</c> and <c>net4_a/0.Wq.f32</c>. What is there already is read, not overwritten.</remarks>
internal sealed class SharedInputs
{
    private const string ReferenceFile = "ref.f64";

    /// <summary>Names a folder; nothing is touched yet.</summary>
    public SharedInputs(string folder) => Folder = folder;

    /// <summary>The folder named by PEER_DATA, or one in the user's cache.</summary>
    public static SharedInputs Default => new(Environment.GetEnvironmentVariable("PEER_DATA") is { Length: > 0 } named
        ? Path.GetFullPath(named)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData,
            Environment.SpecialFolderOption.Create) is { Length: > 0 } cache
            ? cache
            : Path.GetTempPath(), "crossmodal-peers"));

    /// <summary>Where the files are.</summary>
    public string Folder { get; }

    /// <summary>Whether a network's files are there.</summary>
    public bool Has(Network network) => File.Exists(PathOf(network, ReferenceFile));

    /// <summary>Writes what is missing of the lists and of the networks; <paramref name="writing"/> receives the name of each before it is
    /// written.</summary>
    public void Complete(IEnumerable<Network> networks, Action<string> writing)
    {
        WriteList("layers.txt", LayerShape.Layers);
        WriteList("networks.txt", LayerShape.Networks);
        foreach (var network in networks.Where(n => !Has(n)))
        {
            writing(network.Name);
            Write(NetworkInputs.Draw(network));
        }
    }

    /// <summary>A network's inputs; drawn and written first when they are not there.</summary>
    /// <exception cref="InvalidDataException">A file is missing or has another length.</exception>
    public NetworkInputs Read(Network network)
    {
        if (!Has(network)) Complete([network], _ => { });
        var arrays = network.Arrays.ToDictionary(a => a.Name, a => ReadArray<float>(network, a.Name + ".f32", a.Length));
        return new(network, arrays, ReadArray<double>(network, ReferenceFile, arrays["L"].Length));
    }

    private string PathOf(Network network, string file) => Path.Combine(Folder, network.Name, file);

    private void WriteList(string file, IReadOnlyList<LayerShape> shapes)
    {
        var path = Path.Combine(Folder, file);
        if (File.Exists(path)) return;
        Directory.CreateDirectory(Folder);
        File.WriteAllLines(path, shapes.Select(s => string.Create(CultureInfo.InvariantCulture,
            $"{s.Name} {s.Batch} {s.Words} {s.Visuals} {s.Width} {s.Heads}")));
    }

    // The reference comes last: a folder that has it is complete.
    private void Write(NetworkInputs inputs)
    {
        foreach (var (name, values) in inputs.Arrays) WriteArray<float>(inputs.Network, name + ".f32", values);
        WriteArray<double>(inputs.Network, ReferenceFile, inputs.Reference);
    }

    private void WriteArray<T>(Network network, string file, T[] values)
        where T : struct => AtomicFile.Write(PathOf(network, file), stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan())));

    private T[] ReadArray<T>(Network network, string file, int length)
        where T : struct
    {
        var path = PathOf(network, file);
        var bytes = File.Exists(path) ? File.ReadAllBytes(path)
            : throw new InvalidDataException($"{path} is missing; delete its folder to have it written anew");
        var values = MemoryMarshal.Cast<byte, T>(bytes);
        return values.Length == length
            ? values.ToArray()
            : throw new InvalidDataException(
                $"{path} has {values.Length} elements, expected {length}; delete its folder to have it written anew");
    }
}
