using CrossModal.Layers;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Learning;

/// <summary>NMR@10 (arXiv 2605.00321) against exact masks: of the tenth of the patches that a map puts first, the share in which nothing
/// lies that the task is about.</summary>
/// <remarks>What the task is about: the target, what it is told apart by or brought to, and the hand. A patch counts as relevant when any
/// of them covers a part of it.</remarks>
internal static class NuisanceShare
{
    private const double Share = 0.1;

    /// <summary>The share, 0 to 1.</summary>
    /// <param name="map">A map, camera after camera, <c>[V · grid.Count]</c>.</param>
    /// <param name="grid">Where a camera's patches lie.</param>
    /// <param name="episode">The episode, at its start.</param>
    /// <param name="frames">A picture of each camera, with masks.</param>
    public static double Of(float[] map, TokenGrid grid, EpisodeSetup episode, CameraFrame[] frames)
    {
        var (relevant, coverage) = (new bool[map.Length], new float[grid.Count]);
        byte[] ids = episode.Goal.Reference >= 0
            ? [CameraFrame.HandId, CameraFrame.IdOf(episode.Goal.Target), CameraFrame.IdOf(episode.Goal.Reference)]
            : [CameraFrame.HandId, CameraFrame.IdOf(episode.Goal.Target)];
        for (var view = 0; view < frames.Length; view++)
            foreach (var id in ids)
            {
                frames[view].CoverageOfPatches(id, grid.Rows, grid.Columns, coverage);
                for (var i = 0; i < grid.Count; i++) relevant[view * grid.Count + i] |= coverage[i] > 0;
            }

        var first = Enumerable.Range(0, map.Length).OrderByDescending(i => map[i]).ThenBy(i => i)
            .Take((int)Math.Ceiling(Share * map.Length)).ToArray();
        return first.Count(i => !relevant[i]) / (double)first.Length;
    }
}
