using Notifications.Sms;
using Xunit.Abstractions;

namespace Notifications.Tests.Sms;

/// <summary>
/// The reader of pleas on labelled phrases. The tuning set shaped the patterns; what once was held out and then mended by moved there. The
/// held-out set was written before the patterns, which no phrase of it shaped. Recall: pleas read as revocations. Caught: pleas that at
/// least pause marketing. False positives: other texts read as revocations.
/// </summary>
public sealed class RevocationTests(ITestOutputHelper output)
{
    [Fact]
    public void R41_M11_What_objects_or_narrows_without_a_plea_is_read_by_a_person() =>
        Assert.Empty(
            Read("phrases.tsv")
                .Where(p => p.Label == "unsure" && SmsKeyword.Read(p.Text).Intent != SmsIntent.Unsure)
                .Select(p => $"[{p.Language}] {p.Text}"));

    [Fact]
    public void R41_M11_Who_objects_disowns_or_narrows_is_heard_in_every_language_and_everyday_words_near_it_are_not()
    {
        var phrases = Read("phrases-objecting.tsv");
        Assert.Empty(
            phrases.Where(p => SmsKeyword.Read(p.Text).Intent is var read
                    && (p.Label switch
                    {
                        "revoke" => read != SmsIntent.Stop,
                        "unsure" => read != SmsIntent.Unsure,
                        _ => read is SmsIntent.Stop or SmsIntent.Unsure,
                    }))
                .Select(p => $"[{p.Language}] {p.Text}"));
        Assert.Equal(15 * 8, phrases.Select(p => (p.Language, p.Kind)).Distinct().Count());
    }

    [Fact]
    public void R36_R41_Who_wants_no_advertising_or_nothing_more_is_heard_in_every_language()
    {
        var phrases = Read("phrases-advertising.tsv");
        Assert.Empty(
            phrases.Where(p => p.Label == "heard" && SmsKeyword.Read(p.Text).Intent is not (SmsIntent.Stop or SmsIntent.Unsure))
                .Concat(phrases.Where(p => p.Label == "not" && SmsKeyword.Read(p.Text).Intent is (SmsIntent.Stop or SmsIntent.Unsure)))
                .Select(p => $"[{p.Language}] {p.Text}"));
        Assert.Equal(15 * 3, phrases.Select(p => (p.Language, p.Label)).Distinct().Count());
    }

    [Fact]
    public void R41_Who_tells_that_a_number_is_wrong_forgotten_or_lost_by_them_has_stopped_nothing() =>
        Assert.Empty(
            Read("phrases-advertising.tsv").Where(p => p.Label == "near" && SmsKeyword.Read(p.Text).Intent == SmsIntent.Stop)
                .Select(p => $"[{p.Language}] {p.Text}"));

    [Theory]
    [InlineData("phrases.tsv", 0.97, 0.99, 0.01, 0.10)]
    [InlineData("phrases-heldout.tsv", 0.90, 0.95, 0.02, 0.10)]
    public void R41_Pleas_in_ordinary_words_are_understood(string file, double recall, double caught, double falsePositives, double paused)
    {
        var phrases = Read(file);
        var pleas = phrases.Where(p => p.Label == "revoke").ToList();
        var others = phrases.Where(p => p.Label != "revoke").ToList();
        var nots = phrases.Where(p => p.Label == "not").ToList();
        var figures = (
            Recall: Share(pleas, SmsIntent.Stop),
            Caught: Share(pleas, SmsIntent.Stop, SmsIntent.Unsure),
            FalsePositives: Share(others, SmsIntent.Stop),
            Paused: Share(nots, SmsIntent.Unsure));
        output.WriteLine(
            $"{file}: {phrases.Count} phrases, {pleas.Count} pleas; recall {figures.Recall:P1}, caught {figures.Caught:P1}, false positives {figures.FalsePositives:P1}, needless pauses {figures.Paused:P1}");
        foreach (var phrase in phrases)
        {
            var read = SmsKeyword.Read(phrase.Text).Intent;
            var expected = phrase.Label switch { "revoke" => SmsIntent.Stop, "unsure" => SmsIntent.Unsure, _ => SmsIntent.None };
            if (read != expected && !(phrase.Label == "not" && read is SmsIntent.Yes or SmsIntent.Start or SmsIntent.Help))
                output.WriteLine($"  {phrase.Label} read as {read}: [{phrase.Language}] {phrase.Text}");
        }

        Assert.True(figures.Recall >= recall, $"recall {figures.Recall:P1}");
        Assert.True(figures.Caught >= caught, $"caught {figures.Caught:P1}");
        Assert.True(figures.FalsePositives <= falsePositives, $"false positives {figures.FalsePositives:P1}");
        Assert.True(figures.Paused <= paused, $"needless pauses {figures.Paused:P1}");
    }

    [Theory]
    [InlineData(
        "Stop sending",
        SmsIntent.Stop), InlineData(
            "stop contact",
            SmsIntent.Stop), InlineData(
                "STOP thanks", SmsIntent.Stop), InlineData("stop, thank you", SmsIntent.Stop), InlineData("stopp das", SmsIntent.Stop)]
    [InlineData(
        "End all",
        SmsIntent.Stop), InlineData(
            "ststop",
            SmsIntent.Stop), InlineData(
                "やめて", SmsIntent.Stop), InlineData("No thanks", SmsIntent.Unsure), InlineData("no, thank you", SmsIntent.Unsure)]
    [InlineData("no thanks needed, it came", SmsIntent.None), InlineData("配達をやめて", SmsIntent.None)]
    public void R41_Short_pleas_are_understood_and_a_bare_refusal_is_read_by_a_person(string text, SmsIntent intent) =>
        Assert.Equal(intent, SmsKeyword.Read(text).Intent);

    [Theory]
    [InlineData("basta messaggi", "it"), InlineData("stop texting me", "en"), InlineData("ya basta", "es")]
    public void R55_The_longest_words_say_the_language(string text, string language) =>
        Assert.Equal(new SmsReading(SmsIntent.Stop, language), SmsKeyword.Read(text));

    [Fact]
    public void R41_No_plea_is_passed_over_for_naming_a_parcel_or_for_its_words()
    {
        Assert.Empty(
            Read("phrases-pleas.tsv").Where(p => SmsKeyword.Read(p.Text).Intent is not (SmsIntent.Stop or SmsIntent.Unsure))
                .Select(p => $"[{p.Language}] {p.Text}"));
    }

    [Fact]
    public void R41_Everyday_words_about_a_parcel_stop_nothing_by_themselves()
    {
        foreach (var phrase in Read("phrases-heldout.tsv").Concat(Read("phrases.tsv")).Where(p => p.Label != "revoke"))
            Assert.True(SmsKeyword.Read(phrase.Text).Intent != SmsIntent.Stop, phrase.Text);
    }

    [Fact]
    public void R41_The_labelled_phrases_are_at_least_300_and_no_held_out_phrase_is_among_the_tuned()
    {
        var tuned = Read("phrases.tsv");
        var held = Read("phrases-heldout.tsv");
        Assert.True(tuned.Count + held.Count >= 300);
        Assert.Empty(held.Select(p => p.Text.ToUpperInvariant()).Intersect(tuned.Select(p => p.Text.ToUpperInvariant())));
        Assert.True(tuned.Concat(held).Select(p => p.Language).Distinct().Count() >= 14);
    }

    private static double Share(List<Phrase> phrases, params SmsIntent[] intents) =>
        phrases.Count(p => intents.Contains(SmsKeyword.Read(p.Text).Intent)) / (double)phrases.Count;

    internal static List<Phrase> Read(string file)
    {
        using var stream = typeof(RevocationTests).Assembly.GetManifestResourceStream("Notifications.Tests.Sms." + file)!;
        using var reader = new StreamReader(stream);
        return [
            .. reader.ReadToEnd()
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(l => l[0] != '#')
                .Select(l => l.Split('\t'))
                .Select(c => new Phrase(c[0], c[1], c[2], c.ElementAtOrDefault(3))),
        ];
    }

    internal sealed record Phrase(string Label, string Language, string Text, string? Kind);
}
