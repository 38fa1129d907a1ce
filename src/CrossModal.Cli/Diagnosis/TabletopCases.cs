using CrossModal.Engine.Tensors;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Diagnosis;

/// <summary>Draws scenes of the tabletop in which something else could have been asked as well.</summary>
internal static class TabletopCases
{
    private const int Rewordings = 20;
    private const ulong RewordingStream = 0xD0C;

    /// <summary>The first scenes of a split, those left out in which nothing else can be asked: the start of each episode, and of a policy
    /// with past frames the expert's first step that has them all.</summary>
    /// <param name="trained">The policy: its cameras and its language.</param>
    /// <param name="task">What is asked.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="scenes">How many are drawn.</param>
    /// <param name="seed">Seed of the scenes; the same as an evaluation's gives the same.</param>
    public static IReadOnlyList<DoctorCase> Draw(TrainedPolicy trained, RobotTask task, Split split, int scenes, ulong seed)
    {
        var (past, cases) = (trained.Policy.Options.Perception.PastFrames, new List<DoctorCase>());
        var rig = new CameraRig(trained.Policy.Options.ImageSize, trained.Policy.Options.Fusion.Views);
        var options = new EvaluationOptions { Seed = seed, Language = InstructionLanguages.Of(trained.Tokenizer).Each()[0] };
        for (var i = 0; i < scenes; i++)
        {
            if (EpisodeSource.Draw(task, split, options with { Asked = AskedInstruction.ForAnotherGoal }, i) is not { } other) continue;
            var step = ExpertStep.Of(task, EpisodeSource.Draw(task, split, options, i)!, rig, past);
            var own = step.Episode;
            var elsewhere = task.Sample(split.SceneSeed(seed, scenes + i), split, SceneOptions.Full);
            cases.Add(new DoctorCase(Pictures(step), Proprioception.Of(own.Start), own.Instruction.Words,
                Pictures(ExpertStep.Of(task, elsewhere, rig, past)))
            {
                Other = other.Instruction.Words,
                Reworded = Reworded(task, split, own, options.Language),
                Kinds = own.Instruction.Kinds,
                Scene = new MaskedScene(own, other with { Start = own.Start }, step.Current) { Past = step.Past },
            });
        }

        return cases;
    }

    /// <summary>The same goal in another sentence.</summary>
    private static IReadOnlyList<string>? Reworded(RobotTask task, Split split, EpisodeSetup episode, InstructionLanguage language)
    {
        var random = new RandomSource(RandomSource.DeriveSeed(episode.Seed, RewordingStream));
        for (var attempt = 0; attempt < Rewordings; attempt++)
        {
            var instruction = task.Describe(episode.Start, episode.Goal, random, split.Sentences, language);
            if (instruction.Text != episode.Instruction.Text) return instruction.Words;
        }

        return null;
    }

    private static PictureWindow Pictures(ExpertStep step) => new(Pictures(step.Current)) { Past = [.. step.Past.Select(Pictures)] };

    private static RgbImage[] Pictures(CameraFrame[] frames) =>
        Array.ConvertAll(frames, frame => new RgbImage(frame.Size, frame.Size, [.. frame.Rgb]));
}
