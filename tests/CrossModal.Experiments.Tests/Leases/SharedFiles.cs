using CrossModal.Experiments.Leases;

namespace CrossModal.Experiments.Tests.Leases;

/// <summary>A shared folder in memory; every access of every actor is one step, whose order a schedule decides.</summary>
internal sealed class SharedFiles
{
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    /// <summary>Called before an actor's access.</summary>
    public Action<int> Access { get; set; } = _ => { };

    /// <summary>Whether nothing more can be written.</summary>
    public bool IsFull { get; set; }

    public IEnumerable<string> Names => _files.Keys;

    public ILeaseFiles Of(int actor) => new View(this, actor);

    private sealed class View(SharedFiles shared, int actor) : ILeaseFiles
    {
        private SortedDictionary<string, string> Files
        {
            get
            {
                shared.Access(actor);
                return shared._files;
            }
        }

        public IReadOnlyList<string> Names() => [.. Files.Keys];

        public bool Create(string name, string content)
        {
            var files = Files;
            Write(name);
            return files.TryAdd(name, content);
        }

        public bool Append(string name, string text)
        {
            var files = Files;
            Write(name);
            if (!files.TryGetValue(name, out var before)) return false;
            files[name] = before + text;
            return true;
        }

        public string? Read(string name) => Files.GetValueOrDefault(name);

        public void Delete(string name) => Files.Remove(name);

        public TimeSpan? Age(string name) => null;

        private void Write(string name)
        {
            if (shared.IsFull) throw new IOException($"{name}: no space left on device");
        }
    }
}
