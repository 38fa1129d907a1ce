// The tabletop: an episode of each task by the expert, what each split changes, and the views of both cameras; drawn as the pictures of the guide.
//     dotnet run samples/tabletop.cs -c Release
// prints
//     pick        "take the orange ball": done in 16 steps; a guess is right 1 time in 4
//     place       "set the orange cylinder on the orange plate": done in 22 steps; a guess is right 1 time in 8
//     push        "move the orange ball to the right": done in 17 steps; a guess is right 1 time in 7
//     relational  "grab the ball right of the red cup": done in 19 steps; a guess is right 1 time in 3
//
//     S0    6 things  "put the yellow ball on the yellow plate"
//     Z1    6 things  "set the blue cup on the yellow plate"
//     Z2a   6 things  "place the red ball onto the red plate"
//     Z2b   6 things  "put the crimson sphere on the golden saucer"
//     Z3    9 things  "put the orange cup on the yellow plate"
//     Z4    6 things  "put the blue ball on the purple plate"
//     Z5    6 things  "place the yellow star on the orange plate"
//     Own               "put the yellow ball on the yellow plate"
//     OfAnotherEpisode  "place the red ball on the orange plate"
//     ForAnotherGoal    "move the red star onto the yellow plate"
//
//     Front camera: the yellow ball stands at row 79, column 48 and covers 148 pixels
//     Side camera: the yellow ball stands at row 48, column 20 and covers 108 pixels
//     drawn: artifacts/tabletop-tasks.png, artifacts/tabletop-views.png
#:project ../src/CrossModal.Tabletop/CrossModal.Tabletop.csproj
using CrossModal.Imaging;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

const int Columns = 6, Side = 96, Gap = 4;
var strip = Sheet(RobotTasks.All.Count);
foreach (var (row, task) in RobotTasks.All.Index())
{
    var options = new EvaluationOptions { Episodes = 1, FirstEpisode = 4, CameraSize = Side, KeepFramesOf = [4] };
    var episode = EpisodeRunner.Run(new ExpertPolicy(task), task, Split.S0, options).Episodes[0];
    Console.WriteLine($"{task.Name,-10}  \"{episode.Instruction}\": {(episode.Success ? "done" : "failed")} in {episode.Steps} steps; a guess is right 1 time in {1 / episode.Chance:0}");
    for (var column = 0; column < Columns; column++)
        Paste(strip, row, column, episode.Frames[column * (episode.Frames.Count - 1) / (Columns - 1)]);
}

Console.WriteLine();
var place = RobotTasks.Find("place");
var options0 = new EvaluationOptions { Seed = 9 };
foreach (var split in Split.Judged)
{
    var episode = EpisodeSource.Draw(place, split, options0, 0)!;
    Console.WriteLine($"{split.Name,-3}  {episode.Start.Objects.Length,2} things  \"{episode.Instruction}\"");
}

var scene = EpisodeSource.Draw(place, Split.S0, options0, 0)!;
foreach (var asked in Enum.GetValues<AskedInstruction>())
    Console.WriteLine($"{asked,-16}  \"{EpisodeSource.Draw(place, Split.S0, options0 with { Asked = asked }, 0)!.Instruction}\"");

// Both cameras, then the same scene in other light, on another table.
Console.WriteLine();
var rig = new CameraRig(Side, views: 2);
var frames = rig.NewFrames();
var views = Sheet(rows: 2);
for (var column = 0; column < Columns; column++)
{
    rig.Render(scene.Start, frames, column == 0 ? null : Appearance.Draw((ulong)column));
    for (var view = 0; view < frames.Length; view++) Paste(views, view, column, [.. frames[view].Rgb]);
}

rig.Render(scene.Start, frames);
foreach (var camera in rig.Cameras)
{
    var (u, v) = camera.Project(scene.Start.Objects[scene.Goal.Target].Position);
    var covered = Enumerable.Range(0, Side * Side).Count(i => frames[(int)camera.View].Shows(i / Side, i % Side, CameraFrame.IdOf(scene.Goal.Target)));
    Console.WriteLine($"{camera.View} camera: the {scene.Start.Objects[scene.Goal.Target].Kind} stands at row {v:0}, column {u:0} and covers {covered} pixels");
}

Png.Write("artifacts/tabletop-tasks.png", strip);
Png.Write("artifacts/tabletop-views.png", views);
Console.WriteLine("drawn: artifacts/tabletop-tasks.png, artifacts/tabletop-views.png");

static RgbImage Sheet(int rows)
{
    var sheet = new RgbImage((Columns * (Side + Gap)) - Gap, (rows * (Side + Gap)) - Gap);
    sheet.Fill(new Rgb(255, 255, 255));
    return sheet;
}

static void Paste(RgbImage sheet, int row, int column, byte[] picture) =>
    sheet.Paste(new RgbImage(Side, Side, picture), column * (Side + Gap), row * (Side + Gap));
