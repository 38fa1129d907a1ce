// A trained policy in a control loop: a folder of pictures of another size, a second camera, a changed instruction, a saved map.
//     dotnet run samples/control_loop.cs -c Release
// prints
//     action: dx [m], dy [m], dz [m], close [0 or 1]; cameras: front, side
//     pick up the red cup: 3 frames; unknown words: none
//     grab the blue gizmo: 3 frames; unknown words: gizmo
//     map of 'blue' over 320x240 pixels, 8x8 patches: written
#:project ../src/CrossModal.Tabletop/CrossModal.Tabletop.csproj
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;

// A few steps of training stand in for a policy's folder: Policy.Load("runs/demo") loads one.
var recipe = new TabletopRecipe { Steps = 4, Scenes = 4 };
var source = new TabletopLossSource("cross-attention", new FusionOptions(Width: 32, Heads: 4, Layers: 2) { Views = 2 }, recipe);
var trainer = new PolicyTrainer(source);
trainer.Run(progress: null);
using var policy = Policy.Of(trainer.Policy, new PolicyRunOptions { Clip = true });
Console.WriteLine($"action: {string.Join(", ", policy.Actions.Select(a => $"{a.Name} [{a.Unit}]"))}; cameras: {string.Join(", ", policy.Cameras)}");

float[] state = [0.05f, -0.02f, 0.1f, 0.076f, 0];             // x, y, z and opening in metres, 1 while holding
var folder = Directory.CreateTempSubdirectory().FullName;      // a recording of the front camera
for (var i = 0; i < 3; i++)
{
    var picture = new RgbImage(320, 240);
    new Random(i).NextBytes(picture.Pixels);
    Png.Write(Path.Combine(folder, $"{i:000}.png"), picture);
}

var side = new byte[480 * 1936];                               // BGRA rows of 480 pixels, 1936 bytes apart
foreach (var instruction in (string[])["pick up the red cup", "grab the blue gizmo"])
{
    var words = policy.SetInstruction(instruction);
    var frames = 0;
    foreach (var file in Directory.GetFiles(folder, "*.png").Order())
    {
        var front = Picture.Read(file);
        var decision = policy.Act(new Observation(front) { State = state }.With("side", new Frame(side, 480, 480, PixelFormat.Bgra, 1936)));
        Move(decision.Action);
        frames++;
    }

    Console.WriteLine($"{instruction}: {frames} frames; unknown words: {(words.Unknown.Count == 0 ? "none" : string.Join(", ", words.Unknown))}");
}

var map = policy.Explain("blue");                              // of the last frame, over the frame itself
map.Save(Path.Combine(folder, "blue.png"));
Console.WriteLine($"map of '{map.Word}' over {map.Picture.Width}x{map.Picture.Height} pixels, {map.Map.Grid.Rows}x{map.Map.Grid.Columns} patches: {(File.Exists(Path.Combine(folder, "blue.png")) ? "written" : "missing")}");
Directory.Delete(folder, recursive: true);

static void Move(ReadOnlySpan<float> action) => _ = action.Length;   // the robot's own interface
