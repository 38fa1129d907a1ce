
namespace CrossModal.Datasets.Tests.Hdf5;

/// <summary>Files that h5py writes with <c>libver="latest"</c>: every index of chunks, large groups, many attributes.</summary>
public sealed class Hdf5LatestTests : IDisposable
{
    /// <summary>Writes episodes into <c>argv[1]</c>, of the version <c>argv[2]</c>, <c>argv[3]</c> of them.</summary>
    internal const string Write = """
        import h5py, sys
        import numpy as n
        f = h5py.File(sys.argv[1], 'w', libver=sys.argv[2])
        d = f.create_group('data')
        d.attrs['env_args'] = '{"env_kwargs": {"control_freq": 20}}'
        for i in range(int(sys.argv[3])):
            g = d.create_group('demo_%d' % i)
            for k in range(10): g.attrs['about_%d' % k] = k
            g.attrs['num_samples'] = 37
            T = 37
            a = n.arange(T * 3, dtype='<f4').reshape(T, 3) + 1000 * i
            g.create_dataset('actions', data=a)
            o = g.create_group('obs')
            o.create_dataset('single', data=a, chunks=(T, 3))
            o.create_dataset('single_packed', data=a, chunks=(T, 3), compression='gzip', shuffle=True)
            o.create_dataset('fixed', data=a, chunks=(4, 2))
            o.create_dataset('fixed_packed', data=a, chunks=(4, 2), compression='gzip', fletcher32=True)
            o.create_dataset('fixed_larger', data=a, chunks=(4, 2), maxshape=(90, 5))
            o.create_dataset('growing', data=a, chunks=(1, 2), maxshape=(None, 3))
            o.create_dataset('growing_packed', data=a, chunks=(2, 3), maxshape=(None, 3), compression='lzf')
            o.create_dataset('wider', data=a, chunks=(2, 1), maxshape=(37, None))
            o.create_dataset('both', data=a, chunks=(1, 1), maxshape=(None, None))
            o.create_dataset('both_packed', data=a, chunks=(3, 1), maxshape=(None, None), compression='gzip')
            p = h5py.h5p.create(h5py.h5p.DATASET_CREATE); p.set_chunk((5, 2)); p.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
            s = h5py.h5s.create_simple((T, 3))
            h5py.Dataset(h5py.h5d.create(o.id, b'implicit', h5py.h5t.IEEE_F32LE, s, p))[:] = a
            v = o.create_dataset('part', (T, 3), dtype='<f4', chunks=(4, 3))
            v[20:24] = a[20:24]
        """;

    private static readonly string[] Names =
        ["single", "single_packed", "fixed", "fixed_packed", "fixed_larger", "growing", "growing_packed",
        "wider", "both", "both_packed", "implicit"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProgramTheory("h5py")]
    [InlineData("latest", 1)]
    [InlineData("latest", 40)]
    [InlineData("earliest", 12)]
    public void Every_index_of_chunks_and_a_group_of_any_size_is_read_as_it_was_written(string version, int demos)
    {
        Programs.RunPython(Write, _folder["a.hdf5"], version, $"{demos}");
        using var source = Recordings.Open(_folder["a.hdf5"]);
        Assert.Equal(20, source.Rate);
        Assert.Equal(Enumerable.Range(0, demos).Select(i => $"demo_{i}"), source.Episodes.Select(e => e.Name));
        foreach (var episode in source.Episodes.Take(3).Append(source.Episodes[^1]))
        {
            var actions = source.Numbers(episode, "actions");
            Assert.Equal((37, 1000f * episode.Index + 110), (actions.Length, actions[36][2]));
            foreach (var name in Names) Assert.Equal(actions, source.Numbers(episode, $"obs/{name}"));
            var part = source.Numbers(episode, "obs/part");
            Assert.Equal(actions[20..24], part[20..24]);
            Assert.All(part[..20].Concat(part[24..]), row => Assert.Equal([0, 0, 0], row));
        }
    }

    [ProgramTheory("h5py")]
    [InlineData("(200000, 1)", "(None, 1)")]
    [InlineData("(200000, 1)", "(200000, 1)")]
    [InlineData("(200000, 1)", "(None, None)")]
    public void An_index_of_many_pages_and_levels_is_read(string shape, string most)
    {
        const string Large = """
            import h5py, sys
            import numpy as n
            f = h5py.File(sys.argv[1], 'w', libver='latest')
            s, m = eval(sys.argv[2]), eval(sys.argv[3])
            g = f.create_group('data/demo_0')
            g.create_dataset('actions', data=n.arange(s[0], dtype='<f4').reshape(s), chunks=(4, 1), maxshape=m)
            """;
        Programs.RunPython(Large, _folder["a.hdf5"], shape, most);
        using var source = Recordings.Open(_folder["a.hdf5"]);
        var read = source.Numbers(source.Episodes[0], "actions");
        Assert.Equal(Enumerable.Range(0, 200000).Select(i => (float)i), read.Select(row => row[0]));
    }
}
