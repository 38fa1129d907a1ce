using CrossModal.Client.Wire;

namespace CrossModal.Client;

/// <summary>One observation for a policy server: pictures, states and the instruction, by the keys that the server maps.</summary>
public sealed class PolicyRequest
{
    private readonly Dictionary<string, object?> _values = [];

    /// <summary>A request.</summary>
    /// <param name="prompt">What the robot is to do, under the key <c>prompt</c>.</param>
    public PolicyRequest(string prompt)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(prompt);
        _values["prompt"] = prompt;
    }

    /// <summary>The message's values by key.</summary>
    internal IReadOnlyDictionary<string, object?> Values => _values;

    /// <summary>Says that an episode begins with this observation: the server forgets what was before, its monitor
    /// and the past frames of a policy that takes them.</summary>
    /// <returns>This request.</returns>
    public PolicyRequest BeginsEpisode()
    {
        _values["reset"] = true;
        return this;
    }

    /// <summary>Sets a picture; its bytes are sent from where they lie.</summary>
    /// <param name="key">The key, such as <c>observation/image</c>.</param>
    /// <param name="rgb">Red, green and blue of each pixel, rows from top to bottom, <c>[height, width, 3]</c>.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <returns>This request.</returns>
    /// <exception cref="ArgumentException">The bytes do not fit the sides.</exception>
    public PolicyRequest SetImage(string key, ReadOnlyMemory<byte> rgb, int width, int height)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (width <= 0 || height <= 0 || (long)width * height * 3 != rgb.Length)
            throw new ArgumentException($"PolicyRequest: a picture of {width}x{height} with {rgb.Length} bytes", nameof(rgb));
        _values[key] = NumpyArray.Of(rgb, height, width, 3);
        return this;
    }

    /// <summary>Sets numbers, such as the robot's state.</summary>
    /// <param name="key">The key, such as <c>observation/state</c>.</param>
    /// <param name="values">The numbers, in the units of the policy's training; they are copied.</param>
    /// <returns>This request.</returns>
    public PolicyRequest SetState(string key, ReadOnlySpan<float> values)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        _values[key] = NumpyArray.Of(values, values.Length);
        return this;
    }
}
