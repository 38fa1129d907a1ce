using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace CrossModal.Engine.Formats;

/// <summary>Keeps the initial values of what a JSON file does not say, when its reader was generated at compile time.</summary>
/// <remarks>A generated reader gives every init-only property a value, and one that the file does not name that of its type: 0 or null. The
/// members are those that the generated description itself names, so that trimming keeps them.</remarks>
internal static class InitialValues
{
    /// <summary>Makes a record by its constructor alone and then sets what the file says, property by property. Parameters without a
    /// default value stay required. To be added to a generated resolver.</summary>
    /// <param name="type">The description of a type.</param>
    public static void Keep(JsonTypeInfo type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type.Kind != JsonTypeInfoKind.Object || type.ConstructorAttributeProvider is not ConstructorInfo constructor) return;
        if (!type.Properties.Any(p => p.AssociatedParameter is { IsMemberInitializer: true })) return;
        object?[] arguments = [.. constructor.GetParameters().Select(p => p.HasDefaultValue ? p.DefaultValue : null)];
        foreach (var property in type.Properties)
        {
            if (property.Set is null || property.AttributeProvider is not PropertyInfo member) continue;
            if (property.AssociatedParameter is { IsMemberInitializer: false, HasDefaultValue: false }) property.IsRequired = true;
            property.Set = member.SetValue;
        }

        type.CreateObject = () => constructor.Invoke(arguments);
    }
}
