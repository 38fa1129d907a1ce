using System.Globalization;
using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Datasets;

namespace CrossModal.Cli.Data;

/// <summary>Says in lines what a data set holds.</summary>
/// <param name="source">The data set.</param>
internal sealed class DataDescription(RecordingSource source)
{
    private const int MostListed = 10;

    /// <summary>Prints it, and sets the result.</summary>
    public void Print(CommandContext context)
    {
        var summary = DatasetSummary.Of(source, context.Stop);
        var steps = source.Episodes.Sum(e => (long)e.Length);
        context.Print($"{source.Path}: {source.Format}");
        context.Print($"  episodes  {source.Episodes.Count}, {steps} steps ({source.Episodes.Min(e => e.Length)} to {source.Episodes.Max(e => e.Length)} each)");
        context.Print($"  rate      {(source.Rate is { } rate ? string.Create(CultureInfo.InvariantCulture, $"{rate:0.##} steps a second") : "not said")}");
        foreach (var camera in source.Cameras)
            context.Print($"  camera    {camera.Name}: {camera.Width}×{camera.Height}, {camera.Encoding}{(camera.Rate is { } hertz ? string.Create(CultureInfo.InvariantCulture, $", {hertz:0.##} a second") : "")}");
        if (source.Cameras.Count == 0) context.Print("  camera    none");
        Tasks(context);
        Numbers(context, summary);
        foreach (var line in source.Missing) context.Print($"  missing   {line}");
        foreach (var line in summary.Warnings) context.Print($"  warning   {line}");
        Fill(context.Result, summary);
    }

    private void Tasks(CommandContext context)
    {
        var tasks = source.Episodes.GroupBy(e => e.Instruction).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
            .ToList();
        foreach (var task in tasks.Take(MostListed))
            context.Print($"  task      {(task.Key.Length == 0 ? "(none)" : Tool.OneLine(task.Key))}: {task.Count()} episodes");
        if (tasks.Count > MostListed) context.Print($"  task      … and {tasks.Count - MostListed} more");
    }

    private void Numbers(CommandContext context, DatasetSummary summary)
    {
        foreach (var column in source.Columns)
        {
            var role = source.Action.Contains(column.Name) ? " (action)" : source.State.Contains(column.Name) ? " (state)" : "";
            context.Print($"  numbers   {column.Name}{role}: {column.Quantities.Count} a step");
            foreach (var d in summary.Dimensions.Where(d => d.Column == column.Name))
                context.Print(string.Create(CultureInfo.InvariantCulture,
                    $"              {d.Name} [{d.Unit}]  {d.Least:0.####} to {d.Most:0.####}"));
        }
    }

    private void Fill(JsonObject result, DatasetSummary summary)
    {
        result["format"] = source.Format;
        result["episodes"] = source.Episodes.Count;
        result["steps"] = source.Episodes.Sum(e => (long)e.Length);
        result["rate"] = source.Rate;
        result["cameras"] = new JsonArray([.. source.Cameras.Select(c =>
            (JsonNode)new JsonObject { ["name"] = c.Name, ["width"] = c.Width, ["height"] = c.Height, ["encoding"] = c.Encoding,
            ["rate"] = c.Rate })]);
        result["tasks"] = new JsonArray([.. source.Episodes.Select(e => e.Instruction).Distinct().Select(t => (JsonNode)t)]);
        result["numbers"] = new JsonArray([.. source.Columns.Select(c =>
            (JsonNode)new JsonObject { ["name"] = c.Name, ["width"] = c.Quantities.Count })]);
        result["ranges"] = new JsonArray([.. summary.Dimensions.Select(d => (JsonNode)new JsonObject
        {
            ["numbers"] = d.Column, ["name"] = d.Name, ["unit"] = d.Unit, ["least"] = CommandContext.Number(d.Least),
                ["most"] = CommandContext.Number(d.Most), ["notFinite"] = d.NotFinite,
        })]);
        result["missing"] = new JsonArray([.. source.Missing.Select(m => (JsonNode)m)]);
        result["warnings"] = new JsonArray([.. summary.Warnings.Select(w => (JsonNode)w)]);
    }
}
