using CrossModal.Cli.Texts;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Reports;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Runs;

/// <summary>One scene under two instructions: the attention of the words that name the target, the target outlined, and where the policy
/// points.</summary>
/// <param name="Scene">The camera's picture at <see cref="Side"/> pixels; the policy gets the same view at the size of its input.</param>
/// <param name="Instructions">The two instructions with their maps over the picture, in grey unless they are faithful, and whether they
/// are; null where that cannot be judged.</param>
internal sealed record SceneWithTwoInstructions(RgbImage Scene,
    IReadOnlyList<(string Text, RgbImage Map, Faithfulness? Measured)> Instructions)
{
    /// <summary>Pixels along each side of a drawing.</summary>
    public const int Side = 320;

    private const int MostScenes = 1000;
    private static readonly Rgb Target = new(255, 255, 255);
    private static readonly Rgb Pointed = new(255, 64, 64);

    /// <summary>Draws the first scene of an evaluation that has two objects of different colour and shape, each named by one
    /// instruction.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="task">The task whose instructions are given.</param>
    /// <param name="layer">Name of the attention that is drawn.</param>
    /// <param name="seed">Seed of the evaluation.</param>
    /// <returns>The drawings; null when no scene offers two such objects, or the layer has no map of the front camera.</returns>
    public static SceneWithTwoInstructions? Draw(TrainedPolicy trained, RobotTask task, string layer, ulong seed)
    {
        for (var i = 0; i < MostScenes; i++)
        {
            var scene = task.Sample(Split.S0.SceneSeed(seed, i), Split.S0, SceneOptions.Full).Start;
            var goals = task.Goals(scene);
            foreach (var other in goals.Skip(1).Where(goal => Differ(scene.Objects[goals[0].Target], scene.Objects[goal.Target])))
                return Draw(trained, task, layer, scene, [goals[0], other], seed);
        }

        return null;

        static bool Differ(TabletopObject a, TabletopObject b) => a.Kind.Color != b.Kind.Color && a.Kind.Shape != b.Kind.Shape;
    }

    /// <summary>The scene and the two maps side by side, under each map its verdict, in English: the font of pictures has no Chinese
    /// characters.</summary>
    public RgbImage Joined()
    {
        var texts = new VerdictTexts(ToolLanguage.English);
        return PictureGrid.Compose([("", [Scene, .. Instructions.Select(i =>
            PictureGrid.Captioned(new CaptionedPicture(i.Map, texts.Of(i.Measured))))])]);
    }

    private static SceneWithTwoInstructions? Draw(TrainedPolicy trained, RobotTask task, string layer, Scene scene, Goal[] goals,
        ulong seed)
    {
        var options = trained.Policy.Options;
        CameraRig given = new(options.ImageSize, options.Fusion.Views), drawn = new(Side);
        CameraFrame[] frames = given.NewFrames(), large = drawn.NewFrames();
        given.Render(scene, frames);
        drawn.Render(scene, large);
        var photo = new RgbImage(Side, Side, [.. large[0].Rgb]);
        using var policy = Policy.Of(trained, new PolicyRunOptions { Workers = Workers.Single });
        var language = InstructionLanguages.Of(trained.Tokenizer).Each()[0];
        var maps = new List<(string, RgbImage, Faithfulness?)>();
        RgbImage[] seen = [.. frames.Select(f => new RgbImage(f.Size, f.Size, [.. f.Rgb]))];
        foreach (var goal in goals)
        {
            var instruction = task.Describe(scene, goal, new RandomSource(seed), language: language);
            var map = WordGrounding.Maps(trained, frames, instruction, Proprioception.Of(scene))
                .FirstOrDefault(m => m.Layer == layer && m.View == 0);
            if (map is null) return null;
            var weights = OfTarget(map, instruction, goal.Target);
            var overlay = HeatMap.Overlay(photo, weights, map.Grid.Rows, map.Grid.Columns);
            var measured = MapVerdicts.Of(trained, seen, string.Join(' ', instruction.Words), Proprioception.Of(scene))
                ?.Measure([.. weights, .. new float[(frames.Length - 1) * map.Grid.Count]]);

            // What is drawn over the map keeps its colours when the map loses its own.
            var judged = JudgedMap.Drawn(overlay, measured);
            Drawing.Outline(judged, Mask(large[0], goal.Target), Target);
            MarkPoint(judged, policy, frames, instruction, scene, drawn.Cameras[0]);
            maps.Add((instruction.Text, judged, measured));
        }

        return new SceneWithTwoInstructions(photo, maps);
    }

    /// <summary>Mean attention <c>[patches]</c> of the words that name the target by colour or shape, over heads and words.</summary>
    private static float[] OfTarget(WordMap map, Instruction instruction, int target)
    {
        var naming = Enumerable.Range(0, map.Words)
            .Where(w => instruction.ObjectIndices[w] == target && instruction.Kinds[w] is WordKind.Color or WordKind.Shape).Select(map.Mean)
                .ToArray();
        return [.. Enumerable.Range(0, map.Grid.Count).Select(patch => naming.Average(weights => weights[patch]))];
    }

    private static bool[] Mask(CameraFrame frame, int target)
    {
        var ids = new byte[frame.Size * frame.Size];
        frame.WriteIds(ids);
        return Array.ConvertAll(ids, id => id == CameraFrame.IdOf(target));
    }

    private static void MarkPoint(RgbImage picture, Policy policy, CameraFrame[] frames, Instruction instruction, Scene scene,
        TabletopCamera camera)
    {
        policy.SetInstruction(instruction.Text);
        var observation = new Observation { State = Proprioception.Of(scene) };
        for (var view = 0; view < frames.Length; view++) observation = observation.With(policy.Cameras[view], frames[view].ToFrame());
        var points = policy.Act(observation).Points;
        if (points.Length < 3) return;
        var (u, v) = camera.Project(new Point(points[0], points[1], points[2]));
        const int Arm = 9, Thick = 3;
        Drawing.Rectangle(picture, (int)u - Arm, (int)v - Thick / 2, 2 * Arm + 1, Thick, Pointed);
        Drawing.Rectangle(picture, (int)u - Thick / 2, (int)v - Arm, Thick, 2 * Arm + 1, Pointed);
    }
}
