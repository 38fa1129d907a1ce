using CrossModal.Engine.Formats;
using PureHDF;

namespace CrossModal.Datasets.Tests.Hdf5;

/// <summary>HDF5 files as PureHDF writes them, in the forms of newer versions.</summary>
public sealed class Hdf5FileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_in_the_layout_of_robomimic_is_read()
    {
        Made.Robomimic(_folder["a.hdf5"]);
        using var source = Recordings.Open(_folder["a.hdf5"]);
        Assert.Equal(("robomimic HDF5", 20.0), (source.Format, source.Rate));
        Assert.Equal([("demo_0", 3, "take the cup"), ("demo_1", 4, "take the cup")],
            source.Episodes.Select(e => (e.Name, e.Length, e.Instruction)));
        Assert.Equal([[100, 101], [102, 103], [104, 105], [106, 107]], source.Numbers(source.Episodes[1], "actions"));
        Assert.Equal(Made.Picture(1, 2, 0).Pixels, source.Frames(source.Episodes[1], "agentview_image").ElementAt(2).Pixels);
        Assert.Equal(["obs/robot0_eef_pos"], source.State);
    }

    [Fact]
    public void Another_file_of_HDF5_is_refused_with_what_it_holds()
    {
        new H5File { ["weights"] = new double[3] }.Write(_folder["a.h5"]);
        Assert.Contains("neither of robomimic or LIBERO ('data/demo_0') nor of ALOHA ('action', 'observations'); it holds: 'weights'",
            Assert.Throws<FileFormatException>(() => Recordings.Open(_folder["a.h5"])).Message);
    }
}
