using CrossModal.Data;
using CrossModal.Imaging;
using CrossModal.Server.Viewing;

namespace CrossModal.Browser.Tests.Viewing;

/// <summary>Three short episodes of two cameras, in which a red square moves to the right and the gripper closes and opens.</summary>
internal sealed class MadeEpisodes : IEpisodeSource
{
    public const int Steps = 12, Closes = 4, Opens = 9;
    public const string Strange = "<img src=x onerror=document.title='taken'> red";

    private readonly List<ViewedEpisode> _episodes =
    [
        Make("first", "pick up red cup", other: "pick up cup"), Make("second", "pick up zebra", other: null),
            Make("third", Strange, other: null),
    ];

    public static IReadOnlyList<string> Names { get; } = ["front", "side"];

    public bool IsLive => false;

    public string Title => "made";

    public IReadOnlyList<string> Cameras(string? policy) => Names;

    public IReadOnlyList<Quantity> Actions(string? policy) => ViewerCase.Signature.Actions;

    public IReadOnlyList<EpisodeHead> List() =>
        [.. _episodes.Select(e => new EpisodeHead(e.Id, e.Name, e.Instruction, Steps, e.Outcome))];

    public ViewedEpisode? Open(string id) => _episodes.Find(e => e.Id == id);

    private static ViewedEpisode Make(string id, string instruction, string? other)
    {
        var episode = new ViewedEpisode(id, id, instruction)
        {
            Other = other,
            Rate = 20,
            Outcome = new EpisodeOutcome(id == "first", "Timeout")
        };
        for (var step = 0; step < Steps; step++)
            episode.Add(new ViewedStep([Picture(32, 32, step), Picture(40, 24, step)], [0.01f * step, 0, 0.1f, 0.076f, 0],
                [0.01f, -0.01f * step, 0, step is >= Closes and < Opens ? 1 : 0])
            {
                Coverage = [null, null, Coverage(step), Coverage(step)],
            });
        return episode;
    }

    private static RgbImage Picture(int width, int height, int step)
    {
        var picture = new RgbImage(width, height);
        picture.Fill(new Rgb(90, 110, 130));
        Drawing.Rectangle(picture, 2 + step, height / 2, 6, 6, new Rgb(220, 30, 30));
        return picture;
    }

    /// <summary>The patches of the square, to some.</summary>
    private static float[] Coverage(int step)
    {
        var coverage = new float[2 * 16];
        coverage[8 + (2 + step) / 8] = 0.5f;
        return coverage;
    }
}
