using System.Text.Json.Nodes;
using CrossModal.Engine.Formats;

namespace CrossModal.Tests.Training;

/// <summary>A case computed by a public implementation: from the full set if it lies beside the repository, else from the fixtures.</summary>
internal sealed class Golden
{
    private Golden(string path)
    {
        Tensors = SafeTensors.Read(path + ".safetensors");
        Config = JsonNode.Parse(File.ReadAllText(path + ".json"))!["config"]!.AsObject();
    }

    public SafeTensorsFile Tensors { get; }

    public JsonObject Config { get; }

    /// <summary>The case, or null when this clone does not have it.</summary>
    public static Golden? Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            foreach (var root in (string[])["shared/golden", "fixtures/golden"])
            {
                var path = Path.Combine(folder.FullName, root, name);
                if (File.Exists(path + ".safetensors") && File.Exists(path + ".json")) return new Golden(path);
            }
        }

        return null;
    }

    public double Number(string key, double otherwise) => Config[key] is { } value ? value.GetValue<double>() : otherwise;
}
