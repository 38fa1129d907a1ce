using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using CrossModal.Fusion;

namespace CrossModal.Cli.Tests.Hosting;

/// <summary>Assemblies that <c>--with</c> refuses: one line, exit code 2, and nothing is registered.</summary>
public sealed class StrategyAssemblyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        Assert.Empty(FusionStrategies.Registered);

        // Windows keeps the files of assemblies that are loaded; they are of no size.
        if (!OperatingSystem.IsWindows()) _folder.Dispose();
    }

    [Fact]
    public void What_is_no_assembly_is_refused()
    {
        File.WriteAllText(_folder["text.dll"], "no assembly");
        File.WriteAllBytes(_folder["empty.dll"], []);
        Refused(_folder["text.dll"], "is not a .NET assembly");
        Refused(_folder["empty.dll"], "is not a .NET assembly");
        Refused(_folder["none.dll"], "there is no such file");
        Refused(_folder.Path, "is a folder; give the .dll in it");
    }

    [Theory]
    [InlineData("System.CommandLine.dll")]
    [InlineData("CrossModal.Tabletop.dll")]
    public void An_assembly_without_a_strategy_is_refused(string file) =>
        Refused(Path.Combine(AppContext.BaseDirectory, file),
            "has no strategy: a public static property of the type StrategyDescription in a public class");

    [Theory]
    [InlineData("CrossModal")]
    [InlineData("CrossModal.Engine")]
    [InlineData("CrossModal.Tabletop")]
    public void An_assembly_for_another_version_is_refused(string reference)
    {
        Write(_folder["old.dll"], reference, new Version(9, 8, 7, 0));
        var own = typeof(FusionStrategies).Assembly.GetName().Version!.ToString(3);
        Refused(_folder["old.dll"], $"was built against {reference} 9.8.7, this is {own}; build it against this version");
    }

    [Theory]
    [InlineData("cross-attention-4", "the name 'cross-attention-4' is taken by a row of compare")]
    [InlineData("list", "the name 'list' is taken: fuse lists all strategies by it")]
    [InlineData("My Fusion", "a strategy cannot be called 'My Fusion': a name is small letters, digits and hyphens between, at most 40")]
    [InlineData("mine", "the strategy 'mine' has nothing that makes it")]
    [InlineData(null, "Mine.Description is null")]
    public void A_strategy_that_cannot_be_taken_is_refused(string? name, string reason)
    {
        Write(_folder["mine.dll"], name is null ? null : il => il.Emit(OpCodes.Ldstr, name));
        Refused(_folder["mine.dll"], reason);
    }

    [Fact]
    public void What_an_assembly_needs_is_found_beside_it_or_named()
    {
        var other = new PersistedAssemblyBuilder(new AssemblyName("other"), typeof(object).Assembly);
        var type = other.DefineDynamicModule("other")
            .DefineType("Other", TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed);
        var code = type.DefineMethod("Name", MethodAttributes.Public | MethodAttributes.Static, typeof(string), []).GetILGenerator();
        code.Emit(OpCodes.Ldstr, "Other Name");
        code.Emit(OpCodes.Ret);
        type.CreateType();
        other.Save(_folder["other.dll"]);
        var load = new AssemblyLoadContext("other", isCollectible: true);
        var name = load.LoadFromAssemblyPath(_folder["other.dll"]).GetType("Other")!.GetMethod("Name")!;
        Write(_folder["mine.dll"], il => il.Emit(OpCodes.Call, name));
        load.Unload();
        Refused(_folder["mine.dll"],
            "a strategy cannot be called 'Other Name': a name is small letters, digits and hyphens between, at most 40");
        Directory.CreateDirectory(_folder["alone"]);
        File.Copy(_folder["mine.dll"], _folder["alone/mine.dll"]);
        Refused(_folder["alone/mine.dll"], "needs other, which is not beside it");
    }

    [Fact]
    public void The_assembly_is_named_before_an_option_that_needs_it()
    {
        var run = ToolRun.Of("train", "--strategy", "mine", "--with", _folder["none.dll"]);
        Assert.Equal((2, $"crossmodal: --with {_folder["none.dll"]}: there is no such file; see crossmodal train --help"),
            (run.ExitCode, run.OnlyError()));
    }

    private static void Refused(string path, string reason)
    {
        foreach (var command in (string[])["demo", "train", "pretrain", "evaluate", "compare", "run", "attend", "fuse"])
        {
            var run = ToolRun.Of(command, "--with", path);
            Assert.Equal((2, $"crossmodal: --with {path}: {reason}; see crossmodal {command} --help"), (run.ExitCode, run.OnlyError()));
            Assert.Empty(run.Output);
        }
    }

    /// <summary>Writes an assembly with a public class whose description has a name and nothing that makes it; null for no
    /// description.</summary>
    private static void Write(string path, Action<ILGenerator>? name)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("mine"), typeof(object).Assembly);
        var type = assembly.DefineDynamicModule("mine")
            .DefineType("Mine", TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed);
        var get = type.DefineMethod("get_Description", MethodAttributes.Public | MethodAttributes.Static | MethodAttributes.SpecialName,
            typeof(StrategyDescription), []);
        var code = get.GetILGenerator();
        if (name is not null)
        {
            name(code);
            code.Emit(OpCodes.Ldstr, "Mine");
            code.Emit(OpCodes.Ldstr, "does nothing");
            code.Emit(OpCodes.Ldnull);
            code.Emit(OpCodes.Newobj, typeof(StrategyDescription).GetConstructors().Single(c => c.GetParameters().Length == 4));
        }
        else
        {
            code.Emit(OpCodes.Ldnull);
        }

        code.Emit(OpCodes.Ret);
        type.DefineProperty("Description", PropertyAttributes.None, typeof(StrategyDescription), null).SetGetMethod(get);
        type.CreateType();
        assembly.Save(path);
    }

    /// <summary>Writes an empty assembly that refers to another.</summary>
    private static void Write(string path, string reference, Version version)
    {
        var metadata = new MetadataBuilder();
        metadata.AddModule(0, metadata.GetOrAddString("old.dll"), metadata.GetOrAddGuid(Guid.NewGuid()), default, default);
        metadata.AddAssembly(metadata.GetOrAddString("old"), new Version(1, 0, 0, 0), default, default, 0, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(0, default, metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1),
            MetadataTokens.MethodDefinitionHandle(1));
        metadata.AddAssemblyReference(metadata.GetOrAddString(reference), version, default, default, 0, default);
        var image = new BlobBuilder();
        new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), new BlobBuilder()).Serialize(image);
        File.WriteAllBytes(path, image.ToArray());
    }
}
