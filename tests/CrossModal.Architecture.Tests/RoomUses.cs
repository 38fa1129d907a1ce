using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace CrossModal.Architecture.Tests;

/// <summary>Which rooms (namespaces) of this project a built assembly uses, read from its metadata: base types, signatures, local
/// variables, and what method bodies name.</summary>
internal sealed class RoomUses
{
    private const string Ours = "CrossModal";

    private readonly MetadataReader _reader;
    private readonly PEReader _file;
    private readonly HashSet<(string From, string To)> _uses = [];

    private RoomUses(PEReader file) => (_file, _reader) = (file, file.GetMetadataReader());

    /// <summary>Pairs of rooms of which the first uses the second, each once; a room within itself is left out.</summary>
    /// <param name="path">The assembly.</param>
    public static IReadOnlySet<(string From, string To)> Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var uses = new RoomUses(file);
        foreach (var handle in uses._reader.TypeDefinitions) uses.Add(handle);
        return uses._uses;
    }

    private void Add(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        var room = RoomOf(handle);
        if (!room.StartsWith(Ours, StringComparison.Ordinal)) return;
        Add(room, type.BaseType);
        foreach (var i in type.GetInterfaceImplementations()) Add(room, _reader.GetInterfaceImplementation(i).Interface);
        foreach (var field in type.GetFields())
            Add(room, _reader.GetBlobReader(_reader.GetFieldDefinition(field).Signature), isField: true);
        foreach (var m in type.GetMethods())
        {
            var method = _reader.GetMethodDefinition(m);
            Add(room, _reader.GetBlobReader(method.Signature), isField: false);
            if (method.RelativeVirtualAddress == 0) continue;
            var body = _file.GetMethodBody(method.RelativeVirtualAddress);
            if (!body.LocalSignature.IsNil)
                foreach (var local in _reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(Named.Instance, null))
                    Add(room, local);
            foreach (var token in Tokens(body.GetILReader())) Add(room, MetadataTokens.EntityHandle(token));
        }
    }

    private void Add(string room, BlobReader signature, bool isField)
    {
        var decoder = new SignatureDecoder<IEnumerable<EntityHandle>, object?>(Named.Instance, _reader, null);
        if (isField)
        {
            Add(room, decoder.DecodeFieldSignature(ref signature));
            return;
        }

        var method = decoder.DecodeMethodSignature(ref signature);
        Add(room, method.ReturnType);
        foreach (var parameter in method.ParameterTypes) Add(room, parameter);
    }

    private void Add(string room, IEnumerable<EntityHandle> types)
    {
        foreach (var type in types) Add(room, type);
    }

    /// <summary>Adds the room of a type, of the type a member belongs to, or of the types a generic one is made of.</summary>
    private void Add(string room, EntityHandle handle)
    {
        // What has no base type names a type that is not there.
        if (handle.IsNil) return;
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                Use(room, RoomOf((TypeDefinitionHandle)handle));
                break;
            case HandleKind.TypeReference:
                Use(room, RoomOf((TypeReferenceHandle)handle));
                break;
            case HandleKind.TypeSpecification:
                Add(room, _reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(Named.Instance, null));
                break;
            case HandleKind.MethodDefinition:
                Add(room, _reader.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.FieldDefinition:
                Add(room, _reader.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.MemberReference:
                Add(room, _reader.GetMemberReference((MemberReferenceHandle)handle).Parent);
                break;
            case HandleKind.MethodSpecification:
                var method = _reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                Add(room, method.Method);
                foreach (var argument in method.DecodeSignature(Named.Instance, null)) Add(room, argument);
                break;
        }
    }

    private void Use(string from, string to)
    {
        if (from != to && to.StartsWith(Ours, StringComparison.Ordinal)) _uses.Add((from, to));
    }

    /// <summary>The namespace of the outermost type that one stands in.</summary>
    private string RoomOf(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        return type.GetDeclaringType() is { IsNil: false } outer ? RoomOf(outer) : _reader.GetString(type.Namespace);
    }

    private string RoomOf(TypeReferenceHandle handle)
    {
        var type = _reader.GetTypeReference(handle);
        return type.ResolutionScope.Kind == HandleKind.TypeReference ? RoomOf((TypeReferenceHandle)type.ResolutionScope)
            : _reader.GetString(type.Namespace);
    }

    /// <summary>The metadata tokens that the instructions of a method body name.</summary>
    private static IEnumerable<int> Tokens(BlobReader code)
    {
        var tokens = new List<int>();
        while (code.RemainingBytes > 0)
        {
            int value = code.ReadByte();
            if (value == 0xFE) value = 0xFE00 | code.ReadByte();
            var operand = Operand(value);
            if (operand == Token) tokens.Add(code.ReadInt32());
            else
            {
                var bytes = operand == Table ? sizeof(int) * code.ReadInt32() : operand;
                code.Offset += bytes;
            }
        }

        return tokens;
    }

    private const int Token = -1;
    private const int Table = -2;

    /// <summary>Bytes of an instruction's operand (ECMA-335, III); a metadata token, or the table of a switch.</summary>
    private static int Operand(int code) => code switch
    {
        0x27 or 0x28 or 0x6F or 0x70 or 0x71 or 0x73 or 0x74 or 0x75 or 0x79 or >= 0x7B and <= 0x81 or 0x8C or 0x8D or 0x8F or >= 0xA3
            and <= 0xA5 or 0xC2 or 0xC6 or 0xD0
            or 0xFE06 or 0xFE07 or 0xFE15 or 0xFE16 or 0xFE1C => Token,
        0x72 or 0x29 => 4,
        0x45 => Table,
        >= 0x0E and <= 0x13 or 0x1F or >= 0x2B and <= 0x37 or 0xDE or 0xFE12 or 0xFE19 => 1,
        >= 0xFE09 and <= 0xFE0E => 2,
        0x20 or 0x22 or >= 0x38 and <= 0x44 or 0xDD => 4,
        0x21 or 0x23 => 8,
        _ => 0,
    };

    /// <summary>Gives the types of a signature by their handles.</summary>
    private sealed class Named : ISignatureTypeProvider<IEnumerable<EntityHandle>, object?>
    {
        public static readonly Named Instance = new();

        public IEnumerable<EntityHandle> GetPrimitiveType(PrimitiveTypeCode typeCode) => [];

        public IEnumerable<EntityHandle> GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            [handle];

        public IEnumerable<EntityHandle> GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
            [handle];

        public IEnumerable<EntityHandle> GetTypeFromSpecification(MetadataReader reader, object? context, TypeSpecificationHandle handle,
            byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, context);

        public IEnumerable<EntityHandle> GetGenericInstantiation(IEnumerable<EntityHandle> type,
            System.Collections.Immutable.ImmutableArray<IEnumerable<EntityHandle>> arguments) =>
            type.Concat(arguments.SelectMany(a => a));

        public IEnumerable<EntityHandle> GetFunctionPointerType(MethodSignature<IEnumerable<EntityHandle>> signature) =>
            signature.ReturnType.Concat(signature.ParameterTypes.SelectMany(p => p));

        public IEnumerable<EntityHandle> GetArrayType(IEnumerable<EntityHandle> element, ArrayShape shape) => element;

        public IEnumerable<EntityHandle> GetSZArrayType(IEnumerable<EntityHandle> element) => element;

        public IEnumerable<EntityHandle> GetByReferenceType(IEnumerable<EntityHandle> element) => element;

        public IEnumerable<EntityHandle> GetPointerType(IEnumerable<EntityHandle> element) => element;

        public IEnumerable<EntityHandle> GetPinnedType(IEnumerable<EntityHandle> element) => element;

        public IEnumerable<EntityHandle> GetModifiedType(IEnumerable<EntityHandle> modifier, IEnumerable<EntityHandle> unmodified,
            bool isRequired) => unmodified;

        public IEnumerable<EntityHandle> GetGenericMethodParameter(object? context, int index) => [];

        public IEnumerable<EntityHandle> GetGenericTypeParameter(object? context, int index) => [];
    }
}
