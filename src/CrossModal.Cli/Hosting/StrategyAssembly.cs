using System.CommandLine;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.Loader;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Plans;
using CrossModal.Fusion;

namespace CrossModal.Cli.Hosting;

/// <summary>An assembly with strategies of the user's own, or with a runner of ONNX models, as <c>--with</c> names it.</summary>
/// <remarks>What the tool itself consists of is shared with it, so that its strategies are strategies here; all else is expected beside it,
/// native libraries where its <c>.deps.json</c> says.</remarks>
internal sealed class StrategyAssembly : AssemblyLoadContext
{
    private const string Ours = nameof(CrossModal);

    /// <summary>The name that stands for all strategies on a command line: no strategy may have it.</summary>
    public const string ListStrategies = "list";

    private const string Registration = "Register";
    private const string Loads = "Loads assemblies that are not known when this one is trimmed.";
    private const string Guarded = "Nothing is loaded where that is not supported.";
    private const string Switch = "CrossModal.Cli.StrategyAssemblies";

    private readonly string _path;
    private readonly AssemblyDependencyResolver _beside;

    private StrategyAssembly(string path)
        : base(Path.GetFileNameWithoutExtension(path))
    {
        _path = Path.GetFullPath(path);
        _beside = new AssemblyDependencyResolver(_path);
    }

    /// <summary>Whether this tool can load assemblies: one that was compiled ahead of time has no compiler for them.</summary>
    [FeatureSwitchDefinition(Switch)]
    private static bool IsSupported => !AppContext.TryGetSwitch(Switch, out var given) || given;

    /// <summary>Loads what a command line names and registers the strategies inside.</summary>
    /// <returns>Whether any was named.</returns>
    /// <exception cref="UsageException">
    /// This tool was compiled ahead of time, or a file cannot be loaded, holds no strategy, was built against another version, or a name
    /// is taken or malformed.
    /// </exception>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Guarded)]
    public static bool Register(ParseResult parsed)
    {
        if (parsed.CommandResult.Command is not ToolCommand { With: { } with }) return false;
        if (parsed.GetResult(with) is not { Tokens.Count: > 0 } given) return false;
        if (!IsSupported)
            throw new UsageException(
                $"{with.Name} {given.Tokens[0].Value}: this tool was compiled ahead of time and cannot load assemblies; use the tool that runs on .NET: dotnet tool install CrossModal.Cli");
        foreach (var token in given.Tokens)
        {
            try
            {
                foreach (var description in Load(token.Value)) Register(description);
            }
            catch (ArgumentException error)
            {
                throw new UsageException($"{with.Name} {token.Value}: {Failure.Reason(error)}", error);
            }
        }

        return true;
    }

    /// <summary>The name of a file and the digest of its content, which identify a build of a strategy.</summary>
    public static string Describe(string path) => $"{Path.GetFileName(path)} ({RunDescription.Digest(File.ReadAllBytes(path))})";

    /// <summary>Whether something was thrown by, or below, the code of such an assembly.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Guarded)]
    public static bool IsFrom(Exception error) => IsSupported && HasFrameOfOurs(error);

    [RequiresUnreferencedCode(Loads)]
    private static bool HasFrameOfOurs(Exception error) =>
        new StackTrace(error).GetFrames().Any(frame => frame.GetMethod() is { } method
            && GetLoadContext(method.Module.Assembly) is StrategyAssembly);

    /// <inheritdoc/>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Guarded)]
    protected override Assembly? Load(AssemblyName name)
    {
        if (Shared(name) is { } shared) return shared;
        var beside = Path.Combine(Path.GetDirectoryName(_path)!, $"{name.Name}.dll");
        return File.Exists(beside) ? LoadFromAssemblyPath(beside) : null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _beside.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;

    /// <summary>What the tool has of a name, in this version or a later one; null for nothing.</summary>
    private static Assembly? Shared(AssemblyName name)
    {
        try
        {
            return Default.LoadFromAssemblyName(name);
        }
        catch (Exception error) when (error is FileNotFoundException or FileLoadException)
        {
            return null;
        }
    }

    private static void Register(StrategyDescription description)
    {
        // Two rows of a comparison cannot be distinguished by one name, nor a strategy from the list of all.
        var name = description.Name;
        if (name == ListStrategies) throw new ArgumentException($"the name '{name}' is taken: fuse lists all strategies by it");
        if (ComparisonVariants.OfTextbook.Any(v => v.Name == name && v.Strategy != name))
            throw new ArgumentException($"the name '{name}' is taken by a row of compare");
        FusionStrategies.Register(description);
    }

    /// <exception cref="ArgumentException">There is nothing to be had; the message says why.</exception>
    [RequiresUnreferencedCode(Loads)]
    private static List<StrategyDescription> Load(string path)
    {
        if (Directory.Exists(path)) throw new ArgumentException("is a folder; give the .dll in it");
        if (!File.Exists(path)) throw new ArgumentException("there is no such file");
        try
        {
            var context = new StrategyAssembly(path);
            var assembly = context.LoadFromAssemblyPath(context._path);
            CheckVersion(assembly);
            return Descriptions(assembly);
        }
        catch (BadImageFormatException error)
        {
            throw new ArgumentException("is not a .NET assembly", error);
        }
        catch (Exception error) when (error is TypeLoadException or MissingMemberException)
        {
            throw new ArgumentException($"does not fit {Ours} {Tool.Version}; build it against this version: {Failure.Reason(error)}",
                error);
        }
        catch (FileNotFoundException error)
        {
            throw new ArgumentException($"needs {error.FileName?.Split(',')[0]}, which is not beside it", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"cannot be loaded: {Failure.Reason(error)}", error);
        }
    }

    [RequiresUnreferencedCode(Loads)]
    private static void CheckVersion(Assembly assembly)
    {
        foreach (var reference in assembly.GetReferencedAssemblies().Where(r => r.Name!.StartsWith(Ours, StringComparison.Ordinal)))
        {
            if (Shared(new AssemblyName(reference.Name!))?.GetName().Version is not { } own || own == reference.Version) continue;
            throw new ArgumentException(
                $"was built against {reference.Name} {reference.Version?.ToString(3)}, this is {own.ToString(3)}; build it against this version");
        }
    }

    [RequiresUnreferencedCode(Loads)]
    private static List<StrategyDescription> Descriptions(Assembly assembly)
    {
        const BindingFlags PublicStatic = BindingFlags.Public | BindingFlags.Static;
        var found = new List<StrategyDescription>();
        var properties = assembly.GetExportedTypes().Where(type => !type.ContainsGenericParameters)
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .SelectMany(type => type.GetProperties(PublicStatic)).Where(property => property.PropertyType == typeof(StrategyDescription));
        foreach (var property in properties)
            found.Add(Value(property) ?? throw new ArgumentException($"{property.DeclaringType!.Name}.{property.Name} is null"));
        return found.Count > 0 || RegistersItself(assembly) ? found
            : throw new ArgumentException("has no strategy: a public static property of the type StrategyDescription in a public class");
    }

    /// <summary>Calls the public static method <c>Register()</c> of an assembly of ours that adds something else than strategies.</summary>
    [RequiresUnreferencedCode(Loads)]
    private static bool RegistersItself(Assembly assembly)
    {
        if (assembly.GetName().Name?.StartsWith($"{Ours}.", StringComparison.Ordinal) != true) return false;
        var methods = assembly.GetExportedTypes()
            .Select(type => type.GetMethod(Registration, BindingFlags.Public | BindingFlags.Static, []))
            .OfType<MethodInfo>().ToList();
        foreach (var method in methods) method.Invoke(null, null);
        return methods.Count > 0;
    }

    private static StrategyDescription? Value(PropertyInfo property)
    {
        try
        {
            return (StrategyDescription?)property.GetValue(null);
        }
        catch (TargetInvocationException error)
        {
            // Its own code failed, at the first use of its class or in the property: the innermost failure is the cause.
            var cause = error.GetBaseException();
            if (cause is TypeLoadException or MissingMemberException or FileNotFoundException) ExceptionDispatchInfo.Throw(cause);
            throw new ArgumentException($"{property.DeclaringType!.Name}.{property.Name} failed: {Failure.Reason(cause)}", error);
        }
    }
}
