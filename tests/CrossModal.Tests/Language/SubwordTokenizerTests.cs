using System.Text.Json.Nodes;
using CrossModal.Engine.Formats;
using CrossModal.Language;

namespace CrossModal.Tests.Language;

public sealed class SubwordTokenizerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crossmodal");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("bert", "tokenizer.json")]
    [InlineData("bert", "vocab.txt")]
    [InlineData("bert-cased", "vocab.txt")]
    [InlineData("clip", "tokenizer.json")]
    [InlineData("clip", "vocab.json", "merges.txt")]
    public void Tricky_texts_get_the_ids_of_the_public_implementation(string name, params string[] files)
    {
        var tokenizer = Load(name, [.. files, "tokenizer_config.json"]);
        var differ = Fixture.Expected(name).Where(c => !tokenizer.Encode(c.Text).Ids.SequenceEqual(c.Ids))
            .Select(c => $"'{c.Text}': {string.Join(' ', tokenizer.Encode(c.Text).Ids.Select(tokenizer.Piece))}, expected {string.Join(' ', c.Ids.Select(tokenizer.Piece))}");
        Assert.Empty(differ);
    }

    [Fact]
    public void Accents_are_dropped_without_lowering_the_case_when_the_files_say_so()
    {
        Copy("bert-cased", "vocab.txt");
        File.WriteAllText(At("tokenizer_config.json"), """{"do_lower_case": false, "strip_accents": true}""");
        var tokenizer = TokenizerFolder.Load(_folder.FullName);
        Assert.All(Fixture.Expected("bert-cased", "expected-stripped.json"), c => Assert.Equal(c.Ids, tokenizer.Encode(c.Text).Ids));
    }

    [Fact]
    public void Pieces_belong_to_words_and_special_tokens_to_none()
    {
        var text = Load("bert", "tokenizer.json").Encode("Unaffable [MASK] cup, CUP!");
        Assert.Equal(["unaffable", "cup", ",", "cup", "!"], text.Words);
        Assert.Equal([-1, 0, 0, 0, -1, 1, 2, 3, 4, -1], text.WordOf);
        Assert.Equal(0, text.Dropped);
    }

    // The ids are Hugging Face's: an added token is cut out before words are, its number comes after the vocabulary's.
    [Theory]
    [InlineData("tokenizer.json", true)]
    [InlineData("tokenizer_config.json", true)]
    [InlineData("tokenizer_config.json", false)]
    [InlineData("added_tokens.json", true)]
    [InlineData("added_tokens.json", false)]
    public void An_added_token_is_a_word_of_its_own(string file, bool clip)
    {
        var name = clip ? "clip" : "bert";
        foreach (var part in clip ? new[] { "vocab.json", "merges.txt" } : ["vocab.txt"]) Copy(name, part);
        var plain = TokenizerFolder.Load(_folder.FullName);
        var number = plain.Count;
        const string Flags = "\"lstrip\": false, \"rstrip\": false, \"single_word\": false, \"special\": false, \"normalized\": false";
        if (file == "tokenizer.json")
        {
            var json = JsonNode.Parse(Fixture.Bytes(name, file))!;
            json["added_tokens"]!.AsArray().Add(JsonNode.Parse($$"""{"id": {{number}}, "content": "<cat-toy>", {{Flags}} }"""));
            File.WriteAllText(At(file), json.ToJsonString());
        }
        else File.WriteAllText(At(file), file == "added_tokens.json" ? $$"""{"<cat-toy>": {{number}} }""" : $$$"""{"added_tokens_decoder": {"{{{number}}}": {"content": "<cat-toy>", {{{Flags}}} } } }""");
        var tokenizer = TokenizerFolder.Load(_folder.FullName);
        Assert.Equal(number + 1, tokenizer.Count);
        var (the, cup) = (Inner("the"), Inner("cup"));
        var text = tokenizer.Encode("the<cat-toy> cup");
        Assert.Equal([plain.Encode("").Ids[0], .. the, number, .. cup, plain.Encode("").Ids[^1]], text.Ids);
        Assert.Equal(["the", "<cat-toy>", "cup"], text.Words);
        Assert.Equal([-1, .. the.Select(_ => 0), 1, .. cup.Select(_ => 2), -1], text.WordOf);
        Assert.Equal(["<cat-toy>"], tokenizer.Encode("<cat-toy>").Words);

        List<int> Inner(string word) => [.. plain.Encode(word).Ids.Skip(1).SkipLast(1)];
    }

    [Fact]
    public void Special_tokens_in_a_text_are_no_words_wherever_they_are_listed()
    {
        var number = Load("bert", "vocab.txt").Count;
        File.WriteAllText(At("added_tokens.json"), $$"""{"[MASK]": 4, "[ENC]": {{number}}, "<New Word>": {{number + 1}} }""");
        File.WriteAllText(At("special_tokens_map.json"), """{"mask_token": "[ENC]"}""");
        var text = TokenizerFolder.Load(_folder.FullName).Encode("[ENC] cup [SEP] <NEW word>");
        Assert.Equal(["cup", "<new word>"], text.Words);
        Assert.Equal([-1, -1, 0, -1, 1, -1], text.WordOf);
        Assert.Equal([number, number + 1], [text.Ids[1], text.Ids[4]]);

        // What the configuration says comes before the older file.
        File.WriteAllText(At("tokenizer_config.json"), $$$"""{"added_tokens_decoder": {"{{{number}}}": {"content": "<NEW word>", "special": true, "normalized": true} } }""");
        Assert.Equal(["cup"], TokenizerFolder.Load(_folder.FullName).Encode("cup <new word>").Words);
    }

    [Theory]
    [InlineData("added_tokens.json", "[]", "is not an object of numbers by token")]
    [InlineData("added_tokens.json", "{\"<a>\": \"x\"}", "the added token '<a>' has no number from 0 to 16777215")]
    [InlineData("added_tokens.json", "{\"<a>\": null}", "the added token '<a>' has no number from 0 to 16777215")]
    [InlineData("added_tokens.json", "{\"<a>\": 99999999}", "the added token '<a>' has no number from 0 to 16777215")]
    [InlineData("added_tokens.json", "{", "line 1, byte 2 is not JSON")]
    [InlineData("tokenizer_config.json", "{\"added_tokens_decoder\": 7}", "'added_tokens_decoder' is not an object of tokens by number")]
    [InlineData("tokenizer_config.json", "{\"added_tokens_decoder\": {\"x\": {\"content\": \"<a>\"}}}",
        "the added token '<a>' has no number from 0 to 16777215")]
    [InlineData("tokenizer_config.json", "{\"added_tokens_decoder\": {\"7\": null}}",
        "'added_tokens_decoder' says under '7' not how the token is written ('content')")]
    public void Added_tokens_that_make_no_sense_are_named(string file, string content, string problem)
    {
        Copy("bert", "vocab.txt");
        File.WriteAllText(At(file), content);
        Assert.Equal($"{At(file)}: {problem}", Assert.Throws<FileFormatException>(() => TokenizerFolder.Load(_folder.FullName)).Message);
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("clip")]
    public void Too_long_texts_lose_their_end_and_keep_what_ends_them(string name)
    {
        var tokenizer = Load(name, "tokenizer.json", "tokenizer_config.json");
        var whole = tokenizer.Encode("pick up the red cup").Ids;
        var cut = tokenizer.Encode("pick up the red cup", 4);
        Assert.Equal([whole[0], whole[1], whole[2], whole[^1]], cut.Ids);
        Assert.Equal([-1, 0, 1, -1], cut.WordOf);
        Assert.Equal(3, cut.Dropped);
        Assert.Equal([whole[0], whole[^1]], tokenizer.Encode("pick up the red cup", 2).Ids);
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Encode("red", 1));
        Assert.Equal(name == "bert" ? 40 : 77, tokenizer.Longest);
    }

    [Fact]
    public void A_batch_is_filled_up_with_padding_that_is_not_attended()
    {
        var tokenizer = Load("bert", "vocab.txt");
        var (ids, mask) = tokenizer.EncodeBatch(["red", "pick up the red cup"], 6);
        Assert.Equal(new[] { 2, 6 }, ids.Shape.Sizes.ToArray());
        var red = tokenizer.Encode("red").Ids;
        Assert.Equal([red[0], red[1], red[2], tokenizer.Padding, tokenizer.Padding, tokenizer.Padding], ids.Span[..6].ToArray());
        Assert.Equal([true, true, true, false, false, false, true, true, true, true, true, true],
            mask.Scores.Span.ToArray().Select(s => s == 0));
    }

    [Fact]
    public void A_model_max_length_that_is_a_placeholder_says_nothing() =>
        Assert.Null(Load("bert-cased", "vocab.txt", "tokenizer_config.json").Longest);

    [Fact]
    public void Added_tokens_may_take_the_space_around_them_and_may_want_a_word_of_their_own()
    {
        var json = JsonNode.Parse(Fixture.Bytes("bert", "tokenizer.json"))!;
        foreach (var token in json["added_tokens"]!.AsArray())
            if ((string)token!["content"]! == "[MASK]") (token["lstrip"], token["rstrip"], token["single_word"]) = (true, true, true);
        File.WriteAllText(At("tokenizer.json"), json.ToJsonString());
        var tokenizer = TokenizerFolder.Load(_folder.FullName);
        Assert.Equal(["[CLS]", "red", "[MASK]", "cup", "[SEP]"], tokenizer.Encode("red  [MASK]  cup").Ids.Select(tokenizer.Piece));
        Assert.DoesNotContain("[MASK]", tokenizer.Encode("red[MASK]cup").Ids.Select(tokenizer.Piece));
    }

    [Fact]
    public void A_very_long_word_takes_time_in_proportion()
    {
        var tokenizer = Load("clip", "tokenizer.json");
        Assert.Equal(5_001 + 2, tokenizer.Encode(new string('a', 40_001)).Ids.Count);
    }

    [Theory]
    [InlineData("e\u0301", "é")]
    [InlineData("a\u0323\u0302", "ậ")]
    [InlineData("a\u0302\u0323", "ậ")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("\u1100\u1161\u11a8", "각")]
    [InlineData("\u2126", "Ω")]
    [InlineData("\u0958", "\u0915\u093c")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("a\u0300\u0301", "à\u0301")]
    [InlineData("\u1e9b\u0323", "\u1e9b\u0323")]
    [InlineData("plain", "plain")]
    public void Canonical_composition_needs_no_globalization_data(string text, string composed)
    {
        Assert.Equal(composed, CanonicalForms.Compose(text));
        Assert.Equal(CanonicalForms.Decompose(text), CanonicalForms.Decompose(composed));
    }

    [Theory]
    [InlineData("vocab.txt", "red\ncup\n", "vocab.txt: the vocabulary has no '[UNK]'")]
    [InlineData("vocab.txt", "", "vocab.txt: holds no pieces of words")]
    [InlineData("tokenizer.json", "[]", "tokenizer.json: the file is not an object")]
    [InlineData("tokenizer.json", "{\"model\": 3}", "tokenizer.json: model. is not an object")]
    [InlineData("tokenizer.json", "{\"model\": {\"type\": \"Unigram\", \"vocab\": {\"[UNK]\": 0, \"[PAD]\": 1}}}",
        "tokenizer.json: the model 'Unigram' is not read, WordPiece and BPE are")]
    [InlineData("tokenizer.json", "{\"model\": {\"vocab\": {\"[UNK]\": 99999999}}}",
        "tokenizer.json: the piece '[UNK]' has the number 99999999, not one from 0 to 16777215")]
    [InlineData("tokenizer.json", "{\"model\": {\"vocab\": {\"[UNK]\": 0}}}",
        "tokenizer.json: the normalizer '' is not read with this model, BertNormalizer is")]
    [InlineData("vocab.json", "{\"a\": 0}", "merges.txt: is missing")]
    public void A_file_of_another_kind_is_named(string file, string content, string problem)
    {
        File.WriteAllText(At(file), content);
        Assert.EndsWith(problem, Assert.Throws<FileFormatException>(() => TokenizerFolder.Load(_folder.FullName)).Message);
    }

    [Fact]
    public void A_merge_that_cannot_be_and_an_empty_folder_are_named()
    {
        Assert.Contains("holds no tokenizer: neither tokenizer.json nor vocab.txt",
            Assert.Throws<FileFormatException>(() => TokenizerFolder.Load(_folder.FullName)).Message);
        Copy("clip", "vocab.json");
        File.WriteAllText(At("merges.txt"), "#version: 0.2\nt h\nt zebra\n");
        Assert.EndsWith("merges.txt: merge 1, 't zebra', has a piece that is not in the vocabulary",
            Assert.Throws<FileFormatException>(() => TokenizerFolder.Load(_folder.FullName)).Message);
    }

    private SubwordTokenizer Load(string name, params string[] files)
    {
        Copy(name, files);
        return TokenizerFolder.Load(_folder.FullName);
    }

    private void Copy(string name, params string[] files)
    {
        foreach (var file in files) File.Copy(Path.Combine(Fixture.Folder(name), file), At(file));
    }

    private string At(string file) => Path.Combine(_folder.FullName, file);
}
