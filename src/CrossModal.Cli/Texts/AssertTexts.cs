namespace CrossModal.Cli.Texts;

/// <summary>What <c>assert</c> says of its lines.</summary>
/// <param name="Language">The language.</param>
internal sealed record AssertTexts(ToolLanguage Language)
{
    public string Line(string verdict, string word, string objects, (double Measured, double Asked) lift, (double Measured, double Asked) p,
        int cases) => Language.Format(
            $"{verdict}  {word} attends to {Objects(objects)}: median lift {lift.Measured:0.0} (above {lift.Asked:0.##}), p = {p.Measured:0.0000} (below {p.Asked:0.####}), n = {cases}",
            $"{verdict}  {word} 关注 {Objects(objects)}：lift 中位数 {lift.Measured:0.0}（须高于 {lift.Asked:0.##}），p = {p.Measured:0.0000}（须低于 {p.Asked:0.####}），n = {cases}");

    public string Named => Language.Pick("the object it names", "它所指的物体");

    public string Target => Language.Pick("the target", "目标");

    public string AllHold(int all) => Language.Pick($"all {all} hold", $"{all} 条全部成立");

    public string Failed(int failed, int all) => Language.Pick($"{failed} of {all} do not hold", $"{all} 条中有 {failed} 条不成立");

    private string Objects(string objects) => objects switch
    {
        "named" => Named,
        "target" => Target,
        _ => objects,
    };
}
