using System.Globalization;
using System.Text;

namespace CrossModal.Inference;

/// <summary>One step of a plan.</summary>
/// <param name="Stage">When it runs.</param>
/// <param name="Layer">Where in the model, as in the checkpoint; empty when no parameter says.</param>
/// <param name="Action">What it does; parts joined by + are done in one step.</param>
/// <param name="Flops">Floating-point operations; a multiply-add counts two.</param>
/// <param name="Bytes">Bytes read and written, each once, packed weights among them.</param>
/// <param name="Share">Share of a frame's time, measured; null for what a frame does not run.</param>
public sealed record SessionStep(Stage Stage, string Layer, string Action, double Flops, double Bytes, double? Share);

/// <summary>What a session does, step by step.</summary>
/// <param name="Steps">The steps: those of weights alone, those of the instruction, those of every frame.</param>
/// <param name="Frame">Time of one frame: the sum of the steps' medians over the frames measured.</param>
/// <param name="WorkingBytes">Memory the plan holds beside weights and inputs.</param>
public sealed record SessionPlan(IReadOnlyList<SessionStep> Steps, TimeSpan Frame, long WorkingBytes)
{
    /// <summary>Floating-point operations of a stage.</summary>
    public double Flops(Stage stage) => Steps.Where(s => s.Stage == stage).Sum(s => s.Flops);

    /// <summary>The plan as a table.</summary>
    public override string ToString()
    {
        var width = Math.Max("layer".Length, Steps.Count == 0 ? 0 : Steps.Max(s => s.Layer.Length));
        var action = Math.Max("step".Length, Steps.Count == 0 ? 0 : Steps.Max(s => s.Action.Length));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{"when",-17} {"layer".PadRight(width)} {"step".PadRight(action)} {"MFLOP",9} {"KB",9} {"time",6}\n");
        foreach (var step in Steps)
        {
            var share = step.Share is { } s ? s.ToString("P0", CultureInfo.InvariantCulture) : "-";
            text.Append(CultureInfo.InvariantCulture,
                $"{When(step.Stage),-17} {step.Layer.PadRight(width)} {step.Action.PadRight(action)} {step.Flops / 1e6,9:F2} {step.Bytes / 1024,9:F0} {share,6}\n");
        }

        text.Append(CultureInfo.InvariantCulture,
            $"a frame: {Flops(Stage.Frame) / 1e6:F1} MFLOP in {Frame.TotalMicroseconds:F0} us, {WorkingBytes / 1024.0:F0} KB of working memory");
        return text.ToString();
    }

    private static string When(Stage stage) => stage switch
    {
        Stage.Constant => "once",
        Stage.Instruction => "each instruction",
        _ => "each frame",
    };
}
