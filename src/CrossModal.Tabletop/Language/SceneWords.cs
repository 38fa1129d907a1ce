using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Language;

/// <summary>What colours, shapes, relations and directions are called in a language.</summary>
internal static class SceneWords
{
    /// <summary>The word between a Chinese colour and its shape: 红色的杯子 and 红色杯子 say the same.</summary>
    public const string Of = "的";

    private static readonly string[] Colors = ["红色", "绿色", "蓝色", "黄色", "紫色", "橙色"];
    private static readonly string[] Shapes = ["杯子", "方块", "圆柱", "球", "星星", "盘子"];
    private static readonly string[] Sides = ["左边", "右边", "后面", "前面"];

    /// <summary>The word for a colour.</summary>
    public static string Name(ObjectColor color, InstructionLanguage language) =>
        language == InstructionLanguage.Chinese ? Colors[(int)color] : Lower(color);

    /// <summary>The word for a shape.</summary>
    public static string Name(ObjectShape shape, InstructionLanguage language) =>
        language == InstructionLanguage.Chinese ? Shapes[(int)shape] : Lower(shape);

    /// <summary>The words for a relation.</summary>
    public static string Name(Relation relation, InstructionLanguage language) => language == InstructionLanguage.Chinese
        ? Sides[(int)relation - 1] : relation switch
        {
            Relation.LeftOf => "left of",
            Relation.RightOf => "right of",
            Relation.Behind => "behind",
            _ => "in front of",
        };

    /// <summary>The word for a direction.</summary>
    public static string Name(Direction direction, InstructionLanguage language) =>
        language == InstructionLanguage.Chinese ? Sides[(int)direction - 1] : Lower(direction);

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
