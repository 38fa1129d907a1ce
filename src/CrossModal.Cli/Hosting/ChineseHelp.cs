
namespace CrossModal.Cli.Hosting;

/// <summary>The Chinese of the help: commands by their word, options by command and name (<c>train --steps</c>) or by name where several
/// commands share them.</summary>
internal static partial class ChineseHelp
{
    /// <summary>What the tool does.</summary>
    public const string Tool = "用注意力融合语言与视觉，画出每个单词的注意力热图，并运行所得的策略。";

    // What Runs.RecordedRun.DefaultSteps is; a test compares them.
    private const int RecordedSteps = 600;

    private static readonly Dictionary<string, string> Commands = new()
    {
        ["demo"] = "在桌面任务上训练一个听指令的策略，评估它，并画出每个单词的热图",
        ["pretrain"] = "用桌面场景和图文说明预训练视觉编码器、文本编码器与融合部分；中断后可从断点继续",
        ["train"] = "在桌面任务或你自己的记录上训练策略；中断后可从断点继续",
        ["evaluate"] = "闭环运行训练好的策略，报告成功率及区间；或报告它在记录上的动作误差",
        ["compare"] = "用同一方案、同一预算训练并评判各种融合策略；中断后可从断点继续",
        ["run"] = "把图像依次送入训练好的策略，输出以物理单位表示的动作",
        ["attend"] = "在照片上画出指令中每个单词的注意力权重",
        ["fuse"] = "融合文件中的语言特征与视觉特征",
        ["report"] = "把一次比较的结果画成网页",
        ["export"] = "把训练好的策略写成 ONNX 模型，并在旁边写一份清单",
        ["serve"] = "把训练好的策略提供给机器人：openpi 的 WebSocket、OpenVLA 的 /act、KServe v2",
        ["view"] = "在浏览器中查看回合：单词及其在各相机画面上的热图、动作、监测器、可信度",
        ["data"] = "说明记录数据集里有什么（info），转换它（convert），或把画面和动作画成网页（view）",
        ["faithfulness"] = "测量哪种解释方法可信：在桌面任务上做删除与插入，并与随机图、居中图比较",
        ["doctor"] = "检查策略是否真的用到了指令和图像，在桌面任务上或在录制数据上：每行一个结论，有 FAIL 时退出码为 1",
        ["assert"] = "检查策略的词关注哪里：文件每行写一个词、它应关注的物体、lift 和 p；有一行不成立时退出码为 1",
        ["monitor"] = "为策略拟合一个监测器，它在回合中判断是否即将失败、何时该停（fit），或在其他回合上测量它（evaluate）",
    };

    private static readonly Dictionary<string, string> Options = new()
    {
        ["--json"] = "把结果写成 JSON 文件",
        ["--help"] = "显示本帮助",
        ["--version"] = "显示版本",
        ["--lang"] = "帮助、提示与报告的语言：en 或 zh；未给出时取环境的语言（LC_ALL、LC_MESSAGES、LANG）",
        ["--with"] = "加上你自己的策略：一个程序集，其中有类型为 StrategyDescription 的公开静态属性；或 CrossModal.OnnxRuntime.dll，" +
            "用于 ONNX 文件中的视觉编码器",
        ["--cameras"] = "要使用的相机，按数据集中的名字；未给出时取唯一的那个",
        ["--action"] = "作为动作的数，按数据集中的名字；未给出时取已知的那些",
        ["--state"] = "作为机器人状态的数，按数据集中的名字，或 none；未给出时取已知的那些",
        ["--instruction"] = "没有指令的回合所用的指令",
        ["train --image-size"] = "记录的图像缩放成的正方形边长，像素",
        ["train --cache"] = "存放记录解码后图像的文件夹；未给出时为 --out 旁边的 cache",
        ["attend --instruction"] = "指令",
        ["attend --method"] = "解释策略决定的方法；未给出时取对该策略测得最可信的方法，给出 --layer 或 --head 时为 raw",
        ["attend --target"] = "解释动作的哪一部分：direction、gripper，或某个数的名字，前面加 + 或 -",
        ["attend --faithfulness"] = "用全部测点和基线测量热图是否可信并列出；否则只用一半。不优于随机的热图画成灰色，并直接写明",
        ["serve --config"] =
            $"设置的 JSON 文件：\"policies\": {{\"名称\": \"文件夹\"}} 以及与选项同名的设置；环境变量 CROSSMODAL_SERVE_PORT 等优先于它，命令行选项又优先于二者",
        ["serve --listen"] = "监听的地址；回环以外的地址需要 --keys",
        ["serve --port"] = "端口；0 表示任取一个空闲端口",
        ["serve --keys"] = "文件，每个客户端一行“名称: 密钥”；删去一行即撤销其密钥",
        ["serve --certificate"] = "TLS 证书的 PEM 文件",
        ["serve --certificate-key"] = "证书私钥的 PEM 文件（若不在同一文件中）",
        ["serve --client"] = "消息里图像、状态和指令在哪里：own、libero、droid、aloha，或 JSON 文件",
        ["serve --batch"] = "一步最多计算多少个观测",
        ["serve --threads"] = "每一步可用的线程数",
        ["serve --clip"] = "把动作限制在训练数据的范围内，而不是拒绝超出范围的动作",
        ["serve --monitor"] = "随每个动作给出策略旁的监测器对本回合的判断：分数，以及是否应停止",
        ["serve --log"] = "日志行的形式：text 或 json",
        ["serve --check"] = "加载全部策略并预热，说明将提供什么，然后结束",

        ["view --checkpoint"] = "用来解释数据集的策略的文件夹；未给出时只显示记录",
        ["view --against"] = "另一个策略的文件夹，在同样的画面上与第一个并排显示",
        ["view --port"] = "本机的端口；0 表示任取一个空闲端口",
        ["view --task"] = "桌面任务，或 all；未给出时为训练过的任务",
        ["view --episodes"] = "每个桌面任务的回合数",
        ["view --check"] = "加载全部内容，说明将显示什么，然后结束",

        ["data --to"] = "转换成什么：folders（episode_000/ 加 PNG 与 .npy）或 lerobot（LeRobot v3.0，图像存在表中）",
        ["data --out"] = "convert 的新文件夹，或 view 的网页",
        ["data --video"] = "把 lerobot 的图像写成视频（需要已安装的 ffmpeg）：更小，但不再与读入的图像完全相同",
        ["data --rate"] = "数据集没有说明时每秒的步数，Hz；0 表示取数据集所说的值",
        ["attend --keep-perturbed"] = "保存测量所用图片的文件夹：按每张热图的顺序去掉 patch 后的图片",
        ["faithfulness --checkpoint"] = "训练好的策略的文件夹",
        ["faithfulness --task"] = "桌面任务；未给出时取策略训练时的第一个",
        ["faithfulness --split"] = "划分；未给出时为 Z1",
        ["faithfulness --scenes"] = "每个策略、任务和划分的场景数",
        ["faithfulness --target"] = "解释动作的哪一部分：direction、gripper，或某个数的名字，前面加 + 或 -",
        ["faithfulness --out"] = "存放测量结果的文件夹；已测过的不再测；表格写入 faithfulness.md",
        ["monitor --checkpoint"] = "在桌面任务上训练的策略的文件夹；监测器写在它旁边",
        ["monitor --task"] = "桌面任务，或 all；未给出时为训练过的任务",
        ["monitor --episodes"] = "每个任务和情形的回合数",
        ["monitor --effect-every"] = "fit 让监测器每隔多少步再算一次没有指令时策略会做的；0 为从不",
        ["monitor --alpha"] = "fit 允许误停的成功回合的最大比例",
        ["doctor --checkpoint"] = "训练好的策略的文件夹",
        ["doctor --task"] = "桌面任务；未给出时取策略训练时的第一个",
        ["doctor --split"] = "划分；未给出时为 S0",
        ["doctor --scenes"] = "场景数，或录制数据的步数",
        ["assert --checkpoint"] = "训练好的策略的文件夹",
        ["assert --task"] = "桌面任务；未给出时取策略训练时的第一个",
        ["assert --split"] = "划分；未给出时为 S0",
        ["assert --scenes"] = "每一行的场景数",
        ["doctor --data"] = "用录制数据代替桌面任务来检查；需要物体掩码的检查会略过",
        ["doctor --out"] = "页面 doctor.html 的文件夹",
        ["export --checkpoint"] = "训练好的策略的文件夹",
        ["export --out"] = "要写的模型；旁边的 文件名.json 列出输入、输出和摘要",
        ["export --opset"] = "算子版本：17 或 23",
        ["export --maps"] = "同时输出每个单词对每个 patch 的注意力，每层、每个相机各一个输出",
        ["export --instruction"] = "用于带文本编码器的策略：同时把这段文本中各单词的状态（即模型的输入）写成 文件名.words.npy",
        ["export --batch"] = "样本数：dynamic，或至少为 1 的整数",
        ["--restart"] = "重新开始：先删去 --out 中上一次运行的内容；否则，选项和数据都相同就继续，不同就拒绝",
        ["--seed"] = "一切随机数的种子；在向量宽度相同的处理器上，同一种子得到同一结果",
        ["--layers"] = "策略的层数",
        ["--heads"] = "每个注意力的头数；须能整除 --dim",
        ["--dim"] = "所有 token 的宽度；须能被 4 整除",
        ["--latents"] = "Perceiver 的潜变量个数",
        ["--attention-variant"] =
            "视觉 token 上的注意力变体，未给出时对全部 token 取 softmax：topk:16、local:1、block:4、linear、graph:1、qknorm、prune:16、inverted（数字可换）",
        ["--visual-tokens"] = "每个视角的 token 缩减，写作 方法:个数，方法有 pool、conv、learner、merge、resampler",
        ["--strategy"] = "融合策略，名称见下",
        ["--steps"] = "训练步数",
        ["--vary"] = "让光照、纹理和颜色随场景变化",
        ["--instructions"] = "指令的语言：en（英文）、zh（简体中文）或 both（两种）",

        ["demo --strategy"] = "融合策略，名称见 crossmodal train --help",
        ["demo --out"] = "存放检查点、指标和报告的文件夹",
        ["demo --steps"] = "训练步数；越少越快，也越差",
        ["demo --episodes"] = "每次评估的回合数，对照组最多用 200 个",

        ["pretrain --strategy"] = "融合策略，名称见 crossmodal train --help",
        ["pretrain --objective"] = "训练目标：contrastive、matching、words、patches、all；未给出时全部",
        ["pretrain --queue"] = "每批还要与之区分的先前批次的嵌入个数，为 --batch 的倍数；0 表示不用",
        ["pretrain --momentum"] = "滑动平均权重的衰减；队列由它填充，最后保存的也是它",
        ["--shards"] = "一个批次分成的份数，按顺序求和；份数不同则舍入不同。mpirun 或 srun 的 rank 数须能整除它；0 表示沿用正在继续的运行，" +
            "否则取默认值（pretrain 为 1，其他为 2）并保证每个 rank 至少一份",
        ["pretrain --batch"] = "一批的场景数，每个场景一句说明",
        ["pretrain --scenes"] = "每个划分中用于测量的场景数，为 25 的倍数",
        ["pretrain --instructions"] = "图文说明的语言：en、zh（简体中文）或 both；之后训练时用同一种",
        ["pretrain --out"] = "存放检查点、策略和指标的文件夹",

        ["train --data"] = "你的记录：一个文件夹，内有 episode_NNN/，其中有 000.png …（或 .jpg）、actions.npy、episode.json（instruction；若频率不同还有以 Hz 计的 " +
            "picture_rate 和 action_rate），以及可选的 states.npy",
        ["train --task"] = "桌面任务：pick、place、push、relational、all；未给出时为 pick",
        ["train --steps"] = $"训练步数；在记录上未给出时为 {RecordedSteps}。学习率到最后一步降为 0，所以换一个步数就是另一次运行，不会接着旧的训练",
        ["train --control"] = "不给策略什么：none、no-language、no-vision、shuffled-instruction",
        ["train --camera"] = "桌面相机图像的边长（像素）：64 或 96",
        ["train --views"] = "桌面相机个数：1 为正面，2 再加侧面",
        ["train --past-frames"] = "策略另外使用的、此前各控制步的图像张数（每个相机）；0 表示不用",
        ["train --init"] = "从哪个策略（预训练或训练过）的视觉编码器、文本编码器与融合部分开始，给出其文件夹",
        ["--text-encoder"] = "已发布的文本编码器（BERT，如 all-MiniLM-L6-v2，或 CLIP）的文件夹：策略的单词用它的状态，不再学习词向量；编码器本身不变",
        ["train --tune-text"] = "同时训练文本编码器（BERT），学习率为其余部分的五十分之一",
        ["train --vision-encoder"] =
            "记录图像的冻结编码器：CLIP 或 ViLT 的文件夹，或 文件.onnx[:值]，该值为特征图或序列（同时给出 --with CrossModal.OnnxRuntime.dll）",
        ["train --vision-size"] = "其图像的边长（像素）；未给出时按其文件所写",
        ["train --vision-mean"] = "红、绿、蓝的均值，0 到 1，如 0.485,0.456,0.406；未给出时按其文件所写",
        ["train --vision-std"] = "红、绿、蓝的标准差；未给出时按其文件所写",
        ["train --episodes"] = "桌面评估的回合数",
        ["train --out"] = "存放检查点、策略、指标和报告的文件夹",

        ["evaluate --checkpoint"] = "训练好的策略的文件夹",
        ["evaluate --data"] = "改为在这些记录上测量动作误差",
        ["evaluate --task"] = "桌面任务，或 all；未给出时为训练过的任务",
        ["evaluate --split"] = "划分，名称见下，或 all（所有用于评判的划分）；未给出时为 S0 和 Z1",
        ["evaluate --episodes"] = "每个任务、划分和对照的回合数",
        ["evaluate --control"] = "不给策略什么：none、no-language、no-vision、shuffled-instruction、other-instruction、all；未给出时为 none",
        ["evaluate --instructions"] = "指令的语言：en、zh 或 both（逐一评估）；未给出时为策略训练所用的语言",

        ["compare --quick"] = "两核上至多 15 分钟：8,000 步中的 1,400 步，一个任务，一个种子，200 回合",
        ["compare --full"] = "所有任务、两到五个种子、所有划分与对照、所有策略：数小时，分单元进行",
        ["compare --protocol"] = "你自己的协议文件；--list --json 可写出当前协议",
        ["compare --list"] = "只显示计划：哪些已完成、哪些未完成、还需多久",
        ["compare --only"] = "只训练这些行、策略或设置；已完成的仍留在网页上",
        ["compare --further"] = "再加上库里的其他策略；--full 已包含",
        ["compare --ablate"] = "不比较策略，改做消融；名称写错时会列出全部",
        ["compare --distil"] = "再训练一个小的学生模型，有教师与无教师各一次",
        ["compare --budget-minutes"] = "运行若干分钟后停下，下次接着运行；0 表示不限",
        ["compare --workers"] = "并行的单元数；只影响用时；0 表示每核一个",
        ["compare --worker"] = "与所有在 --out 文件夹上工作的进程分担各单元，该文件夹可由多台机器共享；未给 --workers 时一次一个单元",
        ["compare --status"] = "显示谁在运行哪个单元，还需多久",
        ["compare --submit"] = "写一个在集群上启动 --workers 个进程的文件：slurm 为作业数组，k8s 为 Indexed Job",
        ["compare --lease-seconds"] = "某单元的进程这么多秒没有心跳，就由其他进程接手",
        ["compare --out"] = "存放单元、影片、策略和结果的文件夹",

        ["run --checkpoint"] = "训练好的策略的文件夹",
        ["run --instruction"] = "要机器人做什么",
        ["run --against"] = "其他指令：每一帧说明策略在这些指令下会不会做别的事",
        ["run --images"] = "图像文件夹（PNG；装有 libturbojpeg 时也可用 JPEG），按文件名顺序取用；策略有多个相机时，文件夹内每个相机一个子文件夹",
        ["run --camera-size"] = "改用这种尺寸的随机图像，用于测速",
        ["run --state"] = "机器人的状态，单位与训练时相同：用逗号隔开的数，或每帧一行的 .npy 文件；未给出时为零",
        ["run --frames"] = "随机图像的张数",
        ["run --threads"] = "每一步可用的线程数",
        ["run --clip"] = "把动作限制在训练数据的范围内，并标出被限制的动作",
        ["run --measure"] = "不输出动作，而是预热两秒后输出每一步各部分的延迟（中位数、p95、p99）和分配的字节数",

        ["attend --checkpoint"] = "训练好的策略的文件夹",
        ["attend --model"] = "改用公开的检查点文件夹：CLIP、BLIP 图文匹配或 ViLT，按下载时的样子（config.json、model.safetensors、分词器、preprocessor_config.json）",
        ["attend --image"] = "任意尺寸的照片（PNG；装有 libturbojpeg 时也可用 JPEG）：策略的输入按比例放入正方形，不拉伸；公开模型按其自带文件处理；策略每个相机一张，按其顺序",
        ["attend --instruction"] = "指令",
        ["attend --layer"] = "注意力层的名称，或 sharpest（在画面上最集中的一层）、last（最后一层）、all（全部）；BLIP 的层同时给出按梯度加权的图",
        ["attend --head"] = "某个头的编号，从 0 起，或 mean（各头平均）",
        ["attend --top"] = "每个单词列出多少个 patch",
        ["attend --proprioception"] = "机器人的本体感觉：用逗号隔开的数，或 .npy 文件",
        ["attend --out"] = "存放每个单词的图片和 attention.html 的文件夹",

        ["fuse --language"] = "单词特征 [N, d] 或 [B, N, d]：.npy、.npz 或 .safetensors；文件中有多个数组时写作 file.npz:名称",
        ["fuse --vision"] = "一个或多个相机的视觉特征，宽度相同",
        ["fuse --language-mask"] = "哪些单词是真的，[N] 或 [B, N]：1 或 true；0 或 false 为填充",
        ["fuse --vision-mask"] = "哪些视觉 token 是真的；每个相机一个文件",
        ["fuse --checkpoint"] = "所用的权重：.safetensors 文件，或训练好的策略的文件夹（其策略和尺寸一并取用）；未给出时随机",
        ["fuse --save-checkpoint"] = "写出所用的权重，供以后使用",
        ["fuse --heads"] = "头数；须能整除特征的宽度",
        ["fuse --layers"] = "层数或轮数",
        ["fuse --grid"] = "视觉 token 排成的行数和列数，如 8x12（下采样、窗口）；未给出时为正方形",
        ["fuse --out"] = "结果写到哪里：.npz 或 .safetensors 含 fused 及策略给出的其他内容，.npy 只含 fused",
        ["fuse --plan"] = "并按这些尺寸编译策略，输出每帧要做的运算、其代价和所占时间",
        ["fuse --attention"] = "并写出每层每头的权重，名为 attention/<层> [B, H, 查询, 键]",

        ["report --results"] = "比较的 results.json；影片和思考题的答案在它旁边查找",
        ["report --out"] = "网页写到哪里；未给出时为结果旁的 report.html",

    };

    private static readonly Dictionary<string, string> Values = new()
    {
        ["address"] = "地址",
        ["mapping"] = "映射",
        ["form"] = "形式",
        ["folder"] = "文件夹",
        ["file"] = "文件",
        ["file.dll"] = "文件.dll",
        ["text"] = "文本",
        ["name"] = "名称",
        ["what"] = "内容",
        ["task"] = "任务",
        ["split"] = "划分",
        ["language"] = "语言",
    };

    /// <summary>What a command does; null when nobody has translated it.</summary>
    public static string? OfCommand(string word) => Commands.GetValueOrDefault(word);

    /// <summary>What an option of a command does; null when nobody has translated it.</summary>
    public static string? OfOption(string word, string option) =>
        Options.GetValueOrDefault($"{word} {option}") ?? Options.GetValueOrDefault(option);

    /// <summary>What an option takes, as the help writes it between brackets.</summary>
    public static string OfValue(string helpName) => Values.GetValueOrDefault(helpName, helpName);
}
