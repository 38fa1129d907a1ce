using CrossModal.Data;
using CrossModal.Engine.Tensors;
using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Cli.Diagnosis;

/// <summary>Draws steps of recordings, each with the instruction of another episode and the pictures of one.</summary>
internal static class RecordedCases
{
    /// <summary>Steps drawn at random; an episode with a different instruction gives the other one.</summary>
    /// <param name="trained">The policy: its cameras and its words.</param>
    /// <param name="episodes">The recordings.</param>
    /// <param name="steps">How many.</param>
    /// <param name="seed">Seed of the draws.</param>
    public static IReadOnlyList<DoctorCase> Draw(TrainedPolicy trained, IReadOnlyList<Episode> episodes, int steps, ulong seed)
    {
        var random = new RandomSource(seed);
        var (views, past) = (trained.Policy.Options.Fusion.Views, trained.Policy.Options.Perception.PastFrames);
        var usable = episodes.Where(e => e.Steps > 0).ToArray();
        var cases = new List<DoctorCase>();
        for (var i = 0; i < steps && usable.Length > 0; i++)
        {
            var episode = usable[random.NextInt(usable.Length)];
            var step = random.NextInt(episode.Steps);
            var others = usable.Where(e => e.Instruction != episode.Instruction).ToArray();
            var elsewhere = Another(usable, episode, random);
            cases.Add(new DoctorCase(Pictures(episode, step, views, past),
                trained.Policy.Options.Proprioception > 0 ? episode.States?[step] : null,
                trained.Tokenizer.WordsOf(episode.Instruction), Pictures(elsewhere, random.NextInt(elsewhere.Steps), views, past))
            {
                Other = others.Length == 0 ? null : trained.Tokenizer.WordsOf(others[random.NextInt(others.Length)].Instruction),
            });
        }

        return cases;
    }

    private static Episode Another(Episode[] episodes, Episode episode, RandomSource random)
    {
        var others = episodes.Where(e => e != episode).ToArray();
        return others.Length == 0 ? episode : others[random.NextInt(others.Length)];
    }

    private static PictureWindow Pictures(Episode episode, int step, int views, int past) => new(Pictures(episode, step, views))
    {
        Past = [.. Enumerable.Range(1, Math.Min(past, step)).Select(age => Pictures(episode, step - age, views))],
    };

    private static RgbImage[] Pictures(Episode episode, int step, int views) =>
        [.. Enumerable.Range(0, views).Select(view => episode.View(view)[step])];
}
