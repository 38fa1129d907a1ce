using CrossModal.Imaging;

namespace CrossModal.Data;

/// <summary>One recorded episode: its instruction, its pictures, its proprioception and its actions.</summary>
/// <param name="Name">Name of its folder.</param>
/// <param name="Instruction">The instruction.</param>
/// <param name="Frames">One picture a step, all of one size: that of the recording, or of the square they were fitted into when they were
/// read.</param>
/// <param name="Actions">What the robot did, <c>[T, A]</c> in the units of the recording.</param>
/// <param name="States">Proprioception, <c>[T, P]</c> in the units of the recording; null when not recorded.</param>
internal sealed record Episode(string Name, string Instruction, IReadOnlyList<RgbImage> Frames, float[][] Actions, float[][]? States)
{
    /// <summary>Names and units of the numbers of an action <c>[A]</c>; numbered when the recording names none.</summary>
    public IReadOnlyList<Quantity> ActionQuantities { get; init; } =
        Quantity.Numbered("action", Actions.Length == 0 ? 0 : Actions[0].Length);

    /// <summary>Names and units of the numbers of a state <c>[P]</c>; numbered when the recording names none.</summary>
    public IReadOnlyList<Quantity> StateQuantities { get; init; } =
        Quantity.Numbered("state", States is { Length: > 0 } ? States[0].Length : 0);

    /// <summary>Number of steps T.</summary>
    public int Steps => Actions.Length;

    /// <summary>The files of <see cref="Frames"/>, in the same order; empty when they were not read from files.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Pictures of the cameras after the first, each with one picture a step; empty for one camera.</summary>
    public IReadOnlyList<IReadOnlyList<RgbImage>> OtherViews { get; init; } = [];

    /// <summary>The pictures of a camera by its place among those of training.</summary>
    internal IReadOnlyList<RgbImage> View(int camera) => camera == 0 ? Frames : OtherViews[camera - 1];

    /// <summary>A step's picture in the size it was recorded in, read from its file again.</summary>
    /// <exception cref="Engine.Formats.FileFormatException">The file was damaged since.</exception>
    /// <exception cref="IOException">The file cannot be read any more.</exception>
    public RgbImage Photo(int step) => Files.Count == 0 ? Frames[step] : Picture.Read(Files[step]);
}
