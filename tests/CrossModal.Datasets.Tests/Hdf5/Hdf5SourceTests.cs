using System.Runtime.InteropServices;

namespace CrossModal.Datasets.Tests.Hdf5;

/// <summary>Files of robomimic, LIBERO and ALOHA, beside h5py.</summary>
public sealed class Hdf5SourceTests
{
    private const string ReadColumn =
        "import h5py,sys,numpy as n; d=h5py.File(sys.argv[1])[sys.argv[2]][:]; " +
            "sys.stdout.buffer.write(n.ascontiguousarray(d.astype('<f4') if sys.argv[3]=='f' else d).tobytes())";

    [RealDataTheory("h5py")]
    [InlineData("robomimic.hdf5", "data/{0}/", "obs/", false)]
    [InlineData("libero_demo.hdf5", "data/{0}/", "obs/", true)]
    [InlineData("aloha_episode_0.hdf5", "", "observations/images/", false)]
    [Trait("Category", "Shared")]
    public void Numbers_and_pictures_of_a_real_file_are_those_that_h5py_reads(string file, string groups, string images, bool upsideDown)
    {
        var path = RealData.Path($"hdf5/{file}");
        using var source = Recordings.Open(path);
        Assert.NotEmpty(source.Columns);
        Assert.NotEmpty(source.Cameras);
        foreach (var episode in source.Episodes)
        {
            var group = string.Format(System.Globalization.CultureInfo.InvariantCulture, groups, episode.Name);
            foreach (var column in source.Columns)
            {
                var expected = MemoryMarshal.Cast<byte, float>(Programs.RunPython(ReadColumn, path, group + column.Name, "f")).ToArray();
                Assert.Equal(expected, source.Numbers(episode, column.Name).SelectMany(row => row));
            }

            foreach (var camera in source.Cameras)
            {
                var expected = Programs.RunPython(ReadColumn.Replace("[:]", upsideDown ? "[:][:,::-1]" : "[:]", StringComparison.Ordinal),
                    path, group + images + camera.Name, "u");
                Assert.Equal(expected, source.Frames(episode, camera.Name).SelectMany(frame => frame.Pixels));
            }
        }
    }

    [RealDataFact("h5py")]
    [Trait("Category", "Shared")]
    public void Compressed_pictures_of_ALOHA_are_the_files_that_h5py_reads()
    {
        var path = RealData.Path("hdf5/aloha_compressed_episode_1.hdf5");
        using var source = Recordings.Open(path);
        var bytes = Programs.RunPython(ReadColumn, path, "observations/images/cam_high", "u");
        var frames = source.Frames(source.Episodes[0], "cam_high").ToList();
        Assert.Equal(10, frames.Count);
        for (var t = 0; t < frames.Count; t++)
            Assert.Equal(Imaging.Jpeg.Read(new MemoryStream(bytes[(t * bytes.Length / 10)..((t + 1) * bytes.Length / 10)]), "jpeg").Pixels,
                frames[t].Pixels);
    }

    [RealDataFact]
    [Trait("Category", "Shared")]
    public void Real_files_say_what_they_hold()
    {
        using var robomimic = Recordings.Open(RealData.Path("hdf5/robomimic.hdf5"));
        Assert.Equal(("robomimic HDF5", 3), (robomimic.Format, robomimic.Episodes.Count));
        Assert.Equal("put cup from counter or drying rack into sink", robomimic.Episodes[0].Instruction);
        Assert.Equal(["actions"], robomimic.Action);
        Assert.Equal(["obs/robot0_eef_pos", "obs/robot0_gripper_qpos"], robomimic.State);
        using var libero = Recordings.Open(RealData.Path("hdf5/libero_demo.hdf5"));
        Assert.Equal(("LIBERO HDF5", "flip pot upright which is in sink"), (libero.Format, libero.Episodes[1].Instruction));
        Assert.Equal(["agentview_rgb", "eye_in_hand_rgb"], libero.Cameras.Select(c => c.Name));
        using var aloha = Recordings.Open(RealData.Path("hdf5/aloha_episode_0.hdf5"));
        Assert.Equal(("ALOHA HDF5", "", 14), (aloha.Format, aloha.Episodes[0].Instruction, aloha.Column("action").Quantities.Count));
    }
}
