using System.Globalization;
using System.Text.Json;

namespace CrossModal.Server.Viewing;

/// <summary>Writes answers of the viewer as JSON.</summary>
internal static class ViewJson
{
    /// <summary>An object.</summary>
    /// <param name="write">Writes its properties.</param>
    public static byte[] Object(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>A list under a name.</summary>
    public static void List<T>(this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items) write(item);
        json.WriteEndArray();
    }

    /// <summary>Texts under a name.</summary>
    public static void Texts(this Utf8JsonWriter json, string name, IEnumerable<string> texts) => json.List(name, texts, json.WriteStringValue);

    /// <summary>A number of five digits under a name; JSON knows no NaN, which becomes null.</summary>
    public static void Number(this Utf8JsonWriter json, string name, double? value)
    {
        json.WritePropertyName(name);
        json.NumberValue(value);
    }

    /// <summary>Numbers of so many digits, or null, as a value.</summary>
    public static void Numbers(this Utf8JsonWriter json, IEnumerable<float>? values, string format = "G5")
    {
        if (values is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        foreach (var value in values) json.NumberValue(value, format);
        json.WriteEndArray();
    }

    /// <summary>A number as a value.</summary>
    public static void NumberValue(this Utf8JsonWriter json, double? value, string format = "G5")
    {
        if (value is not { } number || !double.IsFinite(number)) json.WriteNullValue();
        else json.WriteRawValue(number.ToString(format, CultureInfo.InvariantCulture), skipInputValidation: true);
    }
}
