namespace CrossModal.Reports;

/// <summary>The style sheet of reports. Lines and bars use the colours of Okabe and Ito (2008), which colour-blind readers can distinguish
/// apart.</summary>
internal static class ReportStyle
{
    /// <summary>The style sheet of a page.</summary>
    public const string Sheet = Colors + Page + Charts;

    /// <summary>Colours, light and dark.</summary>
    public const string Colors = """

        :root {
          --paper: #ffffff; --raised: #f7f8fa; --ink: #1a1d23; --soft: #5c6470; --line: #e3e6eb; --grid: #eceef2;
          --good: #00704f; --bad: #b64a00; --accent: #0072b2;
          --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #cc79a7; --s4: #e69f00; --s5: #56b4e9; --s6: #6b7280;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #14161a; --raised: #1c1f25; --ink: #e8eaee; --soft: #9aa3b0; --line: #2d323b; --grid: #262a32;
            --good: #3fc79a; --bad: #ff9a56; --accent: #56b4e9;
            --s0: #56a8e8; --s1: #ff8a3d; --s2: #2fc79a; --s3: #e39ac2; --s4: #f2b632; --s5: #9bd3f5; --s6: #a3abb8;
          }
        }

        """;

    /// <summary>What stands inside drawings.</summary>
    public const string Charts = """

        svg { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
        svg text { font-family: inherit; font-variant-numeric: tabular-nums; }
        .tick { font-size: 12px; fill: var(--soft); }
        .name { font-size: 12.5px; fill: var(--soft); }
        .row { font-size: 13px; fill: var(--ink); }
        .row.figure { font-weight: 600; }
        .grid { stroke: var(--grid); stroke-width: 1; }
        .axis { stroke: var(--soft); stroke-width: 1; }
        .target { stroke: var(--ink); stroke-width: 1.25; stroke-dasharray: 2 3; }
        .whisker { stroke: var(--ink); stroke-width: 1.25; }
        .fill { fill: var(--s0); rx: 2px; opacity: .82; }
        .f1 { fill: var(--s1); } .f2 { fill: var(--s2); } .f3 { fill: var(--s3); } .f4 { fill: var(--s4); } .f5 { fill: var(--s5); } .f6 { fill: var(--s6); }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .line.s0 { stroke: var(--s0); }
        .line.s1 { stroke: var(--s1); stroke-dasharray: 7 4; }
        .line.s2 { stroke: var(--s2); stroke-dasharray: 1.5 4; }
        .line.s3 { stroke: var(--s3); stroke-dasharray: 9 3 2 4; }
        .line.s4 { stroke: var(--s4); stroke-dasharray: 12 5; }
        .line.s5 { stroke: var(--s5); stroke-dasharray: 4 3; }
        .line.s6 { stroke: var(--s6); stroke-dasharray: 2 6; }
        .line.faint { stroke-width: 1; stroke-dasharray: none; opacity: .28; }
        .line.dot { stroke-width: 7; stroke-dasharray: none; }
        .f0 { fill: var(--s0); } .l0 { stroke: var(--s0); } .l1 { stroke: var(--s1); } .l2 { stroke: var(--s2); } .l3 { stroke: var(--s3); } .l4 { stroke: var(--s4); } .l5 { stroke: var(--s5); } .l6 { stroke: var(--s6); }
        .mark { stroke: var(--paper); stroke-width: 1; }
        .hollow { fill: var(--paper); stroke-width: 1.75; }
        .h0 { stroke: var(--s0); } .h1 { stroke: var(--s1); } .h2 { stroke: var(--s2); } .h3 { stroke: var(--s3); } .h4 { stroke: var(--s4); } .h5 { stroke: var(--s5); } .h6 { stroke: var(--s6); }
        .interval { stroke-width: 2.5; stroke-linecap: round; opacity: .75; }
        .interval.thin { stroke-width: 1.5; opacity: .55; }
        .part { stroke: var(--ink); stroke-width: 1.25; opacity: .55; }
        .band { opacity: .2; }
        .line.context { stroke: var(--s6); stroke-width: 1; stroke-dasharray: none; opacity: .4; }
        .front { fill: none; stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 4; }
        .leader { stroke: var(--soft); stroke-width: .75; }
        .point { font-size: 12px; fill: var(--ink); }
        .missing { font-style: italic; }
        .stripe { fill: var(--raised); }
        .paper { fill: var(--paper); }
        .part0 { fill: var(--s0); } .part1 { fill: var(--s6); } .part2 { fill: var(--s4); } .part3 { fill: var(--s1); } .part4 { fill: var(--s3); }
        .on0, .on1, .on2, .on3, .on4 { font-size: 11.5px; font-weight: 600; fill: var(--paper); }
        .on2 { fill: #1a1d23; }

        """;

    private const string Page = """

        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body {
          margin: 0 auto; max-width: 1080px; padding: 48px 28px 40px; background: var(--paper); color: var(--ink);
          font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
          font-variant-numeric: tabular-nums;
        }
        h1 { margin: 0; font-size: 2rem; line-height: 1.2; font-weight: 650; letter-spacing: -0.02em; text-wrap: balance; }
        header p { margin: 8px 0 0; color: var(--soft); font-size: 1.0625rem; max-width: 72ch; }
        header { margin-bottom: 28px; }
        h2 { margin: 52px 0 14px; font-size: 1.25rem; line-height: 1.3; font-weight: 620; letter-spacing: -0.01em; }
        h3 { margin: 30px 0 10px; font-size: 1rem; font-weight: 600; }
        p.prose { margin: 0 0 14px; max-width: 72ch; white-space: pre-line; }
        nav ol { columns: 2 260px; margin: 0 0 8px; padding: 14px 18px 14px 38px; background: var(--raised); border: 1px solid var(--line); border-radius: 12px; font-size: .9375rem; }
        nav a { color: var(--accent); text-decoration: none; }
        nav a:hover { text-decoration: underline; }
        .caption, figcaption.caption { margin: 0 0 10px; color: var(--soft); font-size: .875rem; line-height: 1.5; max-width: 84ch; }
        figure { margin: 0 0 20px; }
        .scroll { overflow-x: auto; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 14px; margin: 0 0 8px; }
        .card { background: var(--raised); border: 1px solid var(--line); border-radius: 12px; padding: 16px 18px; }
        .card .label { color: var(--soft); font-size: .875rem; }
        .card .value { margin-top: 2px; font-size: 1.75rem; line-height: 1.25; font-weight: 620; letter-spacing: -0.02em; }
        .note { color: var(--soft); font-size: .8125rem; font-weight: 400; }
        .card.good .value, .good .outcome { color: var(--good); }
        .card.bad .value, .bad .outcome { color: var(--bad); }
        .card.good .value::after, .good .outcome::before { content: "\2713"; font-size: .7em; margin-left: .4em; }
        .card.bad .value::after, .bad .outcome::before { content: "\2715"; font-size: .7em; margin-left: .4em; }
        .good .outcome::before, .bad .outcome::before { font-size: .9em; margin: 0 .4em 0 0; }
        table { border-collapse: collapse; font-size: .9375rem; min-width: 60%; }
        thead th { text-align: left; font-weight: 560; color: var(--soft); font-size: .8125rem; border-bottom: 1px solid var(--line); vertical-align: bottom; }
        th, td { padding: 8px 16px 8px 0; }
        td { border-bottom: 1px solid var(--grid); vertical-align: middle; }
        td:last-child, th:last-child { padding-right: 0; }
        th button { all: unset; cursor: pointer; }
        th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
        th[aria-sort=descending] button::after { content: " \2193"; }
        th[aria-sort=ascending] button::after { content: " \2191"; }
        th.number, td.number { text-align: right; }
        td.number { white-space: nowrap; }
        td.strong, td.strong .share { font-weight: 650; }
        td.short { white-space: nowrap; }
        td.rate { white-space: nowrap; }
        td.rate svg { vertical-align: middle; margin-right: 12px; }
        td.rate .share { display: inline-block; min-width: 4.6em; text-align: right; margin-right: 10px; }
        svg.chart { display: block; width: 100%; max-width: 860px; min-width: 520px; height: auto; }
        svg.chart.wide { max-width: none; min-width: 640px; }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 0 0 8px; font-size: .875rem; color: var(--soft); }
        .legend span { display: inline-flex; align-items: center; gap: 8px; }
        img { display: block; height: auto; image-rendering: pixelated; border-radius: 4px; background: #202226; }
        .frame img[role=button] { cursor: zoom-in; }
        .frame img[role=button]:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        dialog.zoom { padding: 14px; border: 1px solid var(--line); border-radius: 12px; background: var(--paper); color: var(--ink); cursor: zoom-out; }
        dialog.zoom::backdrop { background: rgb(0 0 0 / .6); }
        dialog.zoom img { width: min(86vw, 78vh, 720px); }
        dialog.zoom p { margin: 10px 0 0; font-size: .9375rem; }
        .title { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 18px; margin-bottom: 8px; font-weight: 560; }
        .outcome { font-weight: 620; }
        .strip { display: flex; gap: 8px; overflow-x: auto; padding-bottom: 6px; }
        .gallery { display: flex; flex-wrap: wrap; gap: 16px; margin-bottom: 20px; }
        .frame { margin: 0; flex: none; }
        .frame figcaption { margin-top: 5px; color: var(--soft); font-size: .8125rem; line-height: 1.35; }
        .frame.good img { outline: 2px solid var(--good); outline-offset: -2px; }
        .frame.bad img { outline: 2px dashed var(--bad); outline-offset: -2px; }
        table.maps { min-width: 0; }
        table.maps th, table.maps td { padding: 0 10px 10px 0; border: 0; vertical-align: top; }
        table.maps thead th { font-weight: 500; }
        table.maps tbody th { text-align: right; padding-right: 14px; font-weight: 600; position: sticky; left: 0; background: var(--paper); }
        .colorbar img { width: 100%; border-radius: 3px; }
        .colorbar { padding-top: 10px; max-width: 100%; }
        .ticks { position: relative; height: 20px; font-size: .75rem; color: var(--soft); margin: 3px 0 0; }
        .ticks span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
        .ticks span:first-child { transform: none; }
        .ticks span:last-child { transform: translateX(-100%); }
        .colorbar .caption { margin: 0; }
        details { margin: 14px 0; border: 1px solid var(--line); border-radius: 10px; background: var(--raised); }
        details table.maps tbody th { background: var(--raised); }
        details.notice { border-left: 4px solid var(--s4); }
        details.parts { padding: 0 16px; }
        details.parts[open] { padding-bottom: 14px; }
        details.parts summary { padding-left: 0; padding-right: 0; }
        summary { padding: 10px 16px; cursor: pointer; font-weight: 540; }
        pre { margin: 0; overflow-x: auto; font: .8125rem/1.55 ui-monospace, "Cascadia Code", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        details pre { padding: 4px 16px 14px; }
        footer { margin-top: 60px; padding-top: 18px; border-top: 1px solid var(--line); color: var(--soft); font-size: .8125rem; }
        footer p { margin: 0 0 8px; }
        footer pre { padding: 10px 14px; background: var(--raised); border-radius: 8px; }
        @media (max-width: 640px) { body { padding: 28px 16px; } h1 { font-size: 1.5rem; } td.rate svg { display: none; } th, td { padding-right: 12px; } }
        @media print { body { max-width: none; padding: 0; } h2, figure, .card { break-inside: avoid; } }

        """;
}
