using CrossModal.Cli.Tests.Hosting;
using CrossModal.Cli.Viewing;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Tests.Commands;

public sealed class ViewCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_policy_of_the_tabletop_acts_in_episodes_of_its_tasks()
    {
        var run = ToolRun.Of("view", TabletopPolicies.Save(_folder["policy"]), "--episodes", "3", "--check");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("policy: 3 episodes", run.Output.Trim());
    }

    [Fact]
    public void An_episode_has_the_states_the_policy_came_to_what_the_expert_would_do_and_where_words_name_things()
    {
        var trained = PolicyFolder.Load(TabletopPolicies.Save(_folder["policy"]));
        using var source = new TabletopEpisodes(trained, [RobotTasks.Find("pick")], 2, 1, "policy");
        var head = source.List()[1];
        Assert.Equal(("pick-1", null), (head.Id, head.Length));
        var episode = source.Open("pick-1")!;
        Assert.Same(episode, source.Open("pick-1"));
        Assert.Null(source.Open("pick-9"));
        Assert.Equal(episode.Range.End, source.List()[1].Length);
        var task = RobotTasks.Find("pick");
        var setup = task.Sample(Split.S0.SceneSeed(1, 1), Split.S0, SceneOptions.Full);
        var first = episode.Find(0)!;
        var rig = new CameraRig(trained.Policy.Options.ImageSize);
        var frames = rig.NewFrames();
        rig.Render(setup.Start, frames);
        Assert.Equal(setup.Instruction.Text, episode.Instruction);
        Assert.Equal(frames[0].Rgb, first.Pictures[0].Pixels);
        Assert.Equal(Proprioception.Of(setup.Start), first.State);
        var expert = task.Label(setup.Start, setup.Goal).Action;
        Assert.Equal([expert.Dx, expert.Dy, expert.Dz, expert.Close ? 1 : 0], first.Recorded!);
        var grid = trained.Policy.Grid;
        var expected = new float[grid.Count];
        frames[0].CoverageOfPatches(CameraFrame.IdOf(setup.Goal.Target), grid.Rows, grid.Columns, expected);
        for (var w = 0; w < setup.Instruction.Words.Length; w++)
            Assert.Equal(setup.Instruction.Kinds[w] == WordKind.Other ? null : expected, first.Coverage![w]);
        Assert.NotEqual(episode.Instruction, episode.Other);
    }

    [Fact]
    public void Recordings_are_shown_alone_or_with_a_policy_that_fits_them()
    {
        Recording(cameras: 1, states: 0);
        var alone = ToolRun.Of("view", _folder["data"], "--check");
        Assert.Equal((0, "data: 1 episodes"), (alone.ExitCode, alone.Output.Trim()));
        Assert.Contains("without --checkpoint there is no policy", alone.Error, StringComparison.Ordinal);
        var refused = ToolRun.Of("view", _folder["data"], "--checkpoint", TabletopPolicies.Save(_folder["policy"]), "--check");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("takes a state of 5 numbers", refused.OnlyError(), StringComparison.Ordinal);
        Directory.Delete(_folder["data"], recursive: true);
        Recording(cameras: 1, states: 5);
        Assert.Equal(0, ToolRun.Of("view", _folder["data"], "--checkpoint", _folder["policy"], "--against", _folder["policy"], "--check").ExitCode);
    }

    [Theory]
    [InlineData("no such folder", "none")]
    [InlineData("--cameras means nothing with the folder of a policy", "policy", "--cameras", "front")]
    [InlineData("--checkpoint means nothing with the folder of a policy", "policy", "--checkpoint", "policy")]
    [InlineData("--episodes means nothing with a data set", "data", "--episodes", "3")]
    [InlineData("--against needs --checkpoint", "data", "--against", "policy")]
    [InlineData("needs the folder of a trained policy, or a data set")]
    public void What_makes_no_sense_is_refused_in_a_line(string message, params string[] call)
    {
        TabletopPolicies.Save(_folder["policy"]);
        Recording(cameras: 1, states: 0);
        var run = ToolRun.Of(["view", .. call.Select(c => c is "policy" or "data" or "none" ? _folder[c] : c), "--check"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.OnlyError(), StringComparison.Ordinal);
    }

    private void Recording(int cameras, int states)
    {
        var folder = _folder["data/episode_000"];
        Directory.CreateDirectory(folder);
        for (var i = 0; i < 2; i++)
            for (var c = 0; c < cameras; c++) Png.Write(Path.Combine(folder, $"00{i}.png"), new RgbImage(16, 12));
        Npy.Write(Path.Combine(folder, "actions.npy"), StoredArray.From(new float[8], 2, 4));
        if (states > 0) Npy.Write(Path.Combine(folder, "states.npy"), StoredArray.From(new float[2 * states], 2, states));
        File.WriteAllText(Path.Combine(folder, "episode.json"), "{\"instruction\": \"pick up the red cup\"}");
    }
}
