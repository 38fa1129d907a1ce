using System.Text;
using System.Xml.Linq;
using CrossModal.Engine.Tests.Formats;

namespace CrossModal.Architecture.Tests;

/// <summary>The rooms of every project and which of them use which, read from the built assemblies.</summary>
internal static class RoomGraph
{
    /// <summary>The projects, from the lowest: folder, and the assembly that is built of it. A project uses those that its project file
    /// references.</summary>
    public static IReadOnlyList<(string Folder, string Assembly)> Projects { get; } =
    [
        ("src/CrossModal.Engine", "CrossModal.Engine"), ("src/CrossModal", "CrossModal"),
        ("src/CrossModal.Datasets", "CrossModal.Datasets"), ("src/CrossModal.Onnx", "CrossModal.Onnx"),
            ("src/CrossModal.OnnxRuntime", "CrossModal.OnnxRuntime"), ("src/CrossModal.Mpi", "CrossModal.Mpi"),
            ("src/CrossModal.Tabletop", "CrossModal.Tabletop"),
        ("src/CrossModal.Experiments", "CrossModal.Experiments"), ("src/CrossModal.Reports", "CrossModal.Reports"),
            ("src/CrossModal.Client", "CrossModal.Client"), ("src/CrossModal.Server", "CrossModal.Server"),
            ("src/CrossModal.Cli", "CrossModal.Cli"),
        ("tools/Publish", "CrossModal.Publish"), ("tools/Weights", "CrossModal.Weights"), ("benchmarks", "CrossModal.Benchmarks"),
    ];

    /// <summary>The rooms that a project's rooms use, the project's own and others'; rooms in order of their names.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Of(string assembly) => RoomUses.Read(PathOf(assembly))
        .GroupBy(use => use.From, use => use.To).OrderBy(g => g.Key, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.Order(StringComparer.Ordinal)]);

    /// <summary>Rooms that a room uses and that use it in turn, over however many others, within one project.</summary>
    public static IReadOnlyList<string> Cycle(IReadOnlyDictionary<string, IReadOnlyList<string>> uses)
    {
        // What uses nothing more, or is used by nothing more, is in no cycle.
        var left = uses.ToDictionary(u => u.Key, u => u.Value.Where(uses.ContainsKey).ToHashSet());
        while (true)
        {
            var used = left.Values.SelectMany(u => u).ToHashSet();
            var free = left.Where(u => u.Value.Count == 0 || !used.Contains(u.Key)).Select(u => u.Key).ToList();
            if (free.Count == 0) return [.. left.Keys.Order(StringComparer.Ordinal)];
            foreach (var room in free) left.Remove(room);
            foreach (var room in left.Values) room.ExceptWith(free);
        }
    }

    /// <summary>The diagram of ARCHITECTURE.md: a box for each project, in it its rooms; an arrow from a room to what it uses, without
    /// those that another path implies.</summary>
    public static string Mermaid()
    {
        var text = new StringBuilder("```mermaid\nflowchart BT\n");
        var arrows = new List<string>();
        foreach (var (_, assembly) in Projects)
        {
            var uses = Of(assembly).ToDictionary(u => u.Key, u => u.Value.Where(to => IsOf(to, assembly)).ToHashSet());
            text.Append($"  subgraph project_{Id(assembly)}[\"{assembly}\"]\n");
            foreach (var room in uses.Keys.Concat(uses.Values.SelectMany(u => u)).Distinct().Order(StringComparer.Ordinal))
                text.Append($"    {Id(room)}[\"{Short(room, assembly)}\"]\n");
            text.Append("  end\n");
            foreach (var (room, to) in uses)
                foreach (var other in to.Where(t => !to.Any(via => via != t && Reaches(uses, via, t, room))).Order(StringComparer.Ordinal))
                    arrows.Add($"  {Id(room)} --> {Id(other)}\n");
        }

        foreach (var (folder, assembly) in Projects)
            foreach (var to in References(folder)) arrows.Add($"  project_{Id(assembly)} ==> project_{Id(to)}\n");
        return text.AppendJoin("", arrows).Append("```").ToString();
    }

    /// <summary>The projects that a project file references, by the names of their assemblies.</summary>
    public static IReadOnlyList<string> References(string folder)
    {
        var file = Directory.GetFiles(Path.Combine(ReferenceFolders.Repository, folder), "*.csproj").Single();
        return [.. XDocument.Load(file).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value))];
    }

    /// <summary>Whether a room is one of an assembly's and not of an assembly whose name only begins alike.</summary>
    public static bool IsOf(string room, string assembly) =>
        Projects.Select(p => p.Assembly).Where(name => room == name || room.StartsWith(name + ".", StringComparison.Ordinal))
            .MaxBy(name => name.Length) == assembly;

    private static bool Reaches(Dictionary<string, HashSet<string>> uses, string from, string to, string start)
    {
        var (seen, open) = (new HashSet<string> { start }, new Stack<string>([from]));
        while (open.TryPop(out var room))
        {
            if (room == to) return true;
            if (seen.Add(room) && uses.TryGetValue(room, out var next)) foreach (var n in next) open.Push(n);
        }

        return false;
    }

    /// <summary>The file of an assembly.</summary>
    public static string PathOf(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly + ".dll");

    private static string Id(string room) => room.Replace('.', '_');

    private static string Short(string room, string assembly) =>
        room == assembly ? room[(room.LastIndexOf('.') + 1)..] : room[(assembly.Length + 1)..];
}
