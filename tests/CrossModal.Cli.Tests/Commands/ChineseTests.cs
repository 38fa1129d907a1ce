using System.Reflection;
using System.Text.RegularExpressions;
using CrossModal.Cli.Commands;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Runs;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Plans;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Reports;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Splits;
using CrossModal.Training;

namespace CrossModal.Cli.Tests.Commands;

public sealed partial class ChineseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ToolLanguage.Chinese, "zh_CN.UTF-8", null, null)]
    [InlineData(ToolLanguage.Chinese, null, "zh_TW", "en_US.UTF-8")]
    [InlineData(ToolLanguage.Chinese, "", "", "zh_CN.UTF-8")]
    [InlineData(ToolLanguage.English, "C", null, "zh_CN.UTF-8")]
    [InlineData(ToolLanguage.English, null, "en_US", "zh_CN.UTF-8")]
    [InlineData(ToolLanguage.English, null, null, null)]
    public void Of_the_environments_variables_the_first_that_is_set_decides(object expected, string? all, string? messages, string? lang) =>
        Assert.Equal(expected, ToolLanguages.OfEnvironment(name => name switch
        {
            "LC_ALL" => all,
            "LC_MESSAGES" => messages,
            "LANG" =>
            lang,
            _ => "zh"
        }));

    [Fact]
    public void Every_command_option_strategy_and_split_has_its_help_in_Chinese()
    {
        foreach (var command in AllCommands.List())
        {
            AssertChinese(ChineseHelp.OfCommand(command.Name), command.Name);
            foreach (var option in command.Options) AssertChinese(ChineseHelp.OfOption(command.Name, option.Name),
                $"{command.Name} {option.Name}");
        }

        foreach (var strategy in FusionStrategies.Registered) AssertChinese(ChineseHelp.OfStrategy(strategy.Name), strategy.Name);
        foreach (var row in ComparisonVariants.OfTextbook) AssertChinese(ChineseComparison.Row(row.Name), row.Name);
        foreach (var ablation in ComparisonGroups.Ablations) AssertChinese(ChineseComparison.Ablation(ablation), ablation);
        foreach (var split in Split.All) AssertChinese(ChineseComparison.Split(split.Name), split.Name);
    }

    [Fact]
    public void Help_in_Chinese_has_no_English_sentence_and_fits_the_terminal()
    {
        foreach (var word in AllCommands.List().Select(c => c.Name).Append(""))
        {
            var help = ToolRun.Of([.. new[] { word }.Where(w => w.Length > 0), "--help", "--lang", "zh"]);
            Assert.Equal(0, help.ExitCode);
            var described = help.Output.Split("策略：\n")[0].Split("还有：\n")[0].Split("示例：")[0].Split("先试试：")[0];
            // strategies of one's own say what they say
            AssertNoEnglishSentence(described);
            Assert.All(described.Split('\n'), line => Assert.InRange(DisplayWidth.Of(line), 0, 100));
            Assert.Contains("--lang", described);
        }

        Assert.Contains($"未给出时为 {RecordedRun.DefaultSteps}。", ChineseHelp.OfOption("train", "--steps"));
        Assert.Contains("［默认 8000］", ToolRun.Of("train", "--help", "--lang=zh").Output);
        Assert.Contains("Usage:", ToolRun.Of("train", "--help", "--lang", "en").Output);
        Assert.Equal("crossmodal: --lang: there is no 'zg'; did you mean zh?; see crossmodal train --help",
            ToolRun.Of("train", "--lang", "zg").OnlyError());
    }

    [Fact]
    public void The_environments_language_holds_unless_the_command_line_gives_one()
    {
        Assert.Contains("用法：", Help());
        Assert.Contains("Usage:", Help("--lang", "en"));

        static string Help(params string[] more)
        {
            using var output = new StringWriter();
            AllCommands.Tool(["demo"]).Run(["demo", "--help", .. more], new Terminal(output, output) { Language = ToolLanguage.Chinese });
            return output.ToString();
        }
    }

    public static TheoryData<Type> Texts =>
        [.. typeof(ToolLanguage).Assembly.GetTypes().Where(t => t.Namespace == typeof(ToolLanguage).Namespace
        && t.GetProperty("Language") is not null)];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_text_is_there_in_both_languages(Type texts)
    {
        var (english, chinese) = (Activator.CreateInstance(texts, ToolLanguage.English)!,
            Activator.CreateInstance(texts, ToolLanguage.Chinese)!);
        var checkedTexts = 0;
        foreach (var property in texts.GetProperties().Where(p => p.PropertyType == typeof(string))) Check(property.Name,
            property.GetValue(english), property.GetValue(chinese));
        foreach (var method in texts.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(m =>
            m.ReturnType == typeof(string) && !m.IsSpecialName && m.Name != "ToString"))
        {
            object?[] arguments = [.. method.GetParameters().Select(Sample)];
            Check(method.Name, method.Invoke(english, arguments), method.Invoke(chinese, arguments));
        }

        Assert.True(checkedTexts > 3);

        void Check(string name, object? english, object? chinese)
        {
            checkedTexts++;
            Assert.NotEqual(english, chinese);
            Assert.DoesNotMatch(Han(), (string)english!);
            // Some give only marks between what they are given, which in Chinese are full width.
            Assert.Matches("[\u3001-\u303F\u4E00-\u9FFF\uFF00-\uFFEF]", (string)chinese!);
            AssertNoEnglishSentence((string)chinese!);
        }
    }

    [Fact]
    public void A_policy_of_both_languages_is_trained_evaluated_and_reported_in_Chinese()
    {
        var run = ToolRun.Of("train", "--task", "pick", "--steps", "2", "--episodes", "2", "--dim", "16", "--layers", "1",
            "--instructions", "both", "--lang", "zh", "--out", _folder["run"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        AssertNoEnglishSentence(run.Output);
        Assert.Contains("新布局，英文指令", run.Output);
        Assert.Contains("新布局，中文指令", run.Output);
        Assert.Contains("\"--instructions\": \"both\"", File.ReadAllText(_folder["run/run.json"]));
        Assert.Contains("\"language\": \"Both\"", File.ReadAllText(_folder["run/metrics.json"]));
        Assert.Equal(InstructionLanguage.Both, InstructionLanguages.Of(PolicyFolder.Load(_folder["run"]).Tokenizer));
        var page = File.ReadAllText(_folder["run/report.html"]);
        Assert.Contains("<html lang=\"zh-CN\">", page);
        AssertNoEnglishSentence(Instructions().Replace(Markup().Replace(page, "\n"), ""));

        var evaluated = ToolRun.Of("evaluate", "--checkpoint", _folder["run"], "--split", "S0", "--episodes", "2");
        Assert.Equal(0, evaluated.ExitCode);
        Assert.Contains("pick S0, en", evaluated.Output);
        Assert.Contains("pick S0, zh", evaluated.Output);
        Assert.DoesNotContain("S0, en", ToolRun.Of("evaluate", "--checkpoint", _folder["run"], "--split", "S0", "--episodes", "2",
            "--instructions", "zh").Output);

        Png.Write(_folder["photo.png"], new RgbImage(64, 64));
        var attended = ToolRun.Of("attend", "--checkpoint", _folder["run"], "--image", _folder["photo.png"], "--instruction", "拿起红色杯子",
            "--layer", "last", "--out", _folder["maps"], "--lang", "zh");
        Assert.Equal(0, attended.ExitCode);
        AssertNoEnglishSentence(attended.Output);
        Assert.Equal(["拿起", "红色", "杯子"], attended.Output.Split('\n')[1..4].Select(l => l.Trim().Split(' ')[0]));
        Assert.Contains("1 拿起，2 红色，3 杯子", attended.Output);
        foreach (var file in (string[])["00-拿起", "01-红色", "02-杯子"]) Assert.NotEmpty(Directory.GetFiles(_folder["maps"], $"{file}-*.png"));
        var maps = File.ReadAllText(_folder["maps/attention.html"]);
        Assert.Contains("红色", maps);
        AssertNoEnglishSentence(Markup().Replace(maps, "\n"));

        var other = ToolRun.Of("train", "--task", "pick", "--steps", "2", "--episodes", "2", "--dim", "16", "--layers", "1", "--out",
            _folder["run"]);
        Assert.Contains("--instructions both -> none", other.OnlyError());
    }

    [Theory]
    [InlineData("红色", 4)]
    [InlineData("red杯", 5)]
    [InlineData("“×·", 3)]
    public void Chinese_characters_take_two_columns(string text, int columns)
    {
        Assert.Equal(columns, DisplayWidth.Of(text));
        Assert.Equal(columns + 2, DisplayWidth.Of(DisplayWidth.Pad(text, columns + 2)));
        Assert.Equal(columns - 1, DisplayWidth.Of(DisplayWidth.Fit(text, columns - 1)));
    }

    private static object? Sample(ParameterInfo parameter) => parameter.ParameterType switch
    {
        var t when t == typeof(string) => parameter.Name == "name" ? "front" : "x",
        var t when t == typeof(IEnumerable<string>) || t == typeof(IEnumerable<object>) => new[] { "x" },
        var t when t == typeof(EvaluationResult) => new EvaluationResult("pick", "S0", 1, []),
        var t when t == typeof(TrainingSummary) => new TrainingSummary(3, Cancelled: false, 0.5, TimeSpan.FromSeconds(1)),
        var t when t == typeof(FailureReason) => FailureReason.Timeout,
        var t when t == typeof(int) => 1,
        var t when t.IsValueType => Activator.CreateInstance(t),
        _ => "x",
    };

    private static void AssertChinese(string? text, string what)
    {
        Assert.True(text is not null, $"{what} has no Chinese text");
        Assert.Matches(Han(), text);
    }

    /// <summary>Names that are typed stay as they are; three English words in a row are a sentence.</summary>
    private static void AssertNoEnglishSentence(string text) => Assert.DoesNotMatch(EnglishSentence(), text);

    [GeneratedRegex("[\u4E00-\u9FFF]")]
    private static partial Regex Han();

    [GeneratedRegex(@"(?<![\w./-])[A-Za-z][a-z]+ [a-z]+ [a-z]+(?![\w./-])")]
    private static partial Regex EnglishSentence();

    [GeneratedRegex("<style>.*?</style>|<script>.*?</script>|<pre>crossmodal.*?</pre>|<[^>]*>", RegexOptions.Singleline)]
    private static partial Regex Markup();

    [GeneratedRegex("“[^”]*”")]
    private static partial Regex Instructions();
}
