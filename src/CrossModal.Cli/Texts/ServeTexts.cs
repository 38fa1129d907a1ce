namespace CrossModal.Cli.Texts;

/// <summary>What <c>serve</c> prints.</summary>
/// <param name="Language">The language.</param>
internal sealed record ServeTexts(ToolLanguage Language)
{
    public string Ready => Language.Pick("ready", "已就绪");

    public string Stopping => Language.Pick("stopping: requests under way are still answered", "正在停止：已收到的请求仍会得到答复");

    public string NoTls => Language.Pick("keys and pictures travel unencrypted: use --certificate, or a proxy that does TLS",
        "密钥和图像以明文传输：请使用 --certificate，或由代理提供 TLS");

    public string Listening(string address, IEnumerable<string> policies) => Language.Pick(
        $"listening on {address} (WebSocket, /act, /v2; the viewer at /view); policies: {string.Join(", ", policies)}",
        $"监听 {address}（WebSocket、/act、/v2；查看器在 /view）；策略：{string.Join("、", policies)}");
}
