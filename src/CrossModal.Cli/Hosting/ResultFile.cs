using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CrossModal.Cli.Hosting;

/// <summary>The file that <c>--json</c> writes.</summary>
internal static class ResultFile
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes what ran, how it ended, and the result.</summary>
    public static void Write(Stream stream, string command, int exitCode, JsonObject result)
    {
        // Nodes are written without reflection, which keeps the tool quick to start.
        using (var json = new Utf8JsonWriter(stream, Indented))
        {
            json.WriteStartObject();
            json.WriteString("command", command);
            json.WriteString("version", Tool.Version);
            json.WriteNumber("exitCode", exitCode);
            foreach (var (name, value) in result)
            {
                json.WritePropertyName(name);
                if (value is null) json.WriteNullValue();
                else value.WriteTo(json);
            }

            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }
}
