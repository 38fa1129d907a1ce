namespace CrossModal.Imaging;

/// <summary>A 5 by 7 pixel font (8 with the tails of g, p, q and y) for captions: ASCII and a few signs; anything else is drawn as a
/// box.</summary>
internal static class PixelFont
{
    public const int Width = 5;
    public const int Height = 8;

    /// <summary>Height of a capital letter.</summary>
    public const int CapitalHeight = 7;

    /// <summary>From the left edge of one character to that of the next, at scale 1.</summary>
    public const int Advance = 6;

    private const char First = ' ';
    private const string Box = "VHHHHHV";

    // Seven rows a character, from the top, or eight; each row is five pixels written as one base-32 digit (0-9, A-V), the left pixel worth
    // 16.
    private static readonly string[] Ascii =
    [
        "0000000", "4444404", "AAA0000", "AAVAVAA", "4FKE5U4", "OP248J3", "CIK8LID", "C480000", //   ! " # $ % & '
        "2488842", "8422248", "04LEL40", "044V440", "0000C48", "000V000", "00000CC", "01248G0", // ( ) * + , - . /
        "EHJLPHE", "4C4444E", "EH1248V", "V2421HE", "26AIV22", "VGU11HE", "68GUHHE", "V124888", // 0 to 7
        "EHHEHHE", "EHHF12C", "0CC0CC0", "0CC0C48", "248G842", "00V0V00", "8421248", "EH12404", // 8 9 : ; < = > ?
        "EH1DLLE", "EHHHVHH", "UHHUHHU", "EHGGGHE", "SIHHHIS", "VGGUGGV", "VGGUGGG", "EHGNHHF", // @ and A to G
        "HHHVHHH", "E44444E", "72222IC", "HIKOKIH", "GGGGGGV", "HRLLHHH", "HHPLJHH", "EHHHHHE", // H to O
        "UHHUGGG", "EHHHLID", "UHHUKIH", "FGGE11U", "V444444", "HHHHHHE", "HHHHHA4", "HHHLLLA", // P to W
        "HHA4AHH", "HHHA444", "V1248GV", "E88888E", "0G84210", "E22222E", "4AH0000", "000000V", // X Y Z [ \ ] ^ _
        "8420000", "00E1FHF", "GGMPHHU", "00EGGHE", "11DJHHF", "00EHVGE", "698S888", "00FHHF1E", // ` and a to g
        "GGMPHHH", "40C444E", "206222IC", "GGIKOKI", "C44444E", "00QLLHH", "00MPHHH", "00EHHHE", // h to o
        "00UHHUGG", "00FHHF11", "00MPGGG", "00EGE1U", "88S8896", "00HHHJD", "00HHHA4", "00HHLLA", // p to w
        "00HA4AH", "00HHHF1E", "00V248V", "2448442", "4444444", "8442448", "008L200",            // x y z { | } ~
    ];

    /// <summary>Whether the font draws a pixel of a character, counted from its upper left.</summary>
    public static bool HasPixel(char character, int x, int y)
    {
        var glyph = Glyph(character);
        if (y >= glyph.Length)
            return false;
        var digit = glyph[y];
        var row = digit <= '9' ? digit - '0' : digit - 'A' + 10;
        return (row >> (Width - 1 - x) & 1) != 0;
    }

    /// <summary>Whether the font has a character, rather than drawing a box for it.</summary>
    public static bool Has(char character) => !ReferenceEquals(Glyph(character), Box);

    private static string Glyph(char character) => character switch
    {
        '×' => "0HA4AH0",
        '·' => "000CC00",
        '→' => "042V240",
        '–' or '−' => "000V000",
        >= First and <= '~' => Ascii[character - First],
        _ => Box,
    };
}
