namespace Notifications.Web.OpenApi;

/// <summary>The groups of the API's operations: the noun that a path begins with, and what is to be found there.</summary>
internal static class ApiTags
{
    /// <summary>The group of a path such as <c>/v1/messages/{id}</c>.</summary>
    public static string Of(string path) => path.Split('/')[2];

    /// <summary>What a group is about.</summary>
    public static string Say(string tag) => tag switch
    {
        "messages" => "Queue messages, one or many, and see what became of each, and why.",
        "decisions" => "What would become of a message now; nothing is sent.",
        "consents" => "Record what people agreed to or withdrew, and read an address's ledger.",
        "preferences" => "What an address wants of each topic, and the link to its own page.",
        "contacts" => "People with several addresses, under your own ids.",
        "suppressions" => "Addresses that nothing is sent to, whatever they agreed to.",
        "keys" => "API keys and their scopes.",
        "dead-letters" => "What queues gave up: look at it, put it back, let it go.",
        "packages" => "What happens to packages, and who follows them.",
        "review" => "What people wrote that only a person can understand.",
        "segments" => "Stored filters over the people subscribed to a topic.",
        "lists" => "Lists of people, kept by hand.",
        "audiences" => "How many people a campaign would reach.",
        "campaigns" => "Campaigns, from draft to their numbers.",
        "templates" => "What messages look like, in each language, with every version.",
        "imports" => "Take files of contacts and blocks in.",
        "exports" => "Give everything out as CSV that an import takes in again.",
        "privacy" => "Requests of persons under the GDPR, and what is held of each.",
        "audit" => "Who did what, as a chain of hashes.",
        "ledger" => "Verify that no consent was changed afterwards.",
        "explain" => "Why an address did, or would, get something, or not.",
        _ => throw new ArgumentOutOfRangeException(nameof(tag), tag, "No group of the API has this name."),
    };

    /// <summary>What stands in a path such as <c>v1/messages/{id}</c> in the place of a name in braces.</summary>
    public static string SayOf(string path, string name) => name switch
    {
        "{number}" => "The tracking number: 4 to 50 letters and digits; case, blanks and hyphens do not matter.",
        "{queue}" => "The queue that gave the letter up.",
        _ => Of("/" + path) switch
        {
            "messages" => "The message's id, as the answer that queued it says.",
            "contacts" =>
                "The contact's id, which is yours: 1 to 64 letters, digits, dots, underscores and hyphens, neither . nor .., and no address.",
            "keys" => "The key's id.",
            "dead-letters" => "The letter's id, within its queue.",
            "segments" => "The segment's id.",
            "lists" => "The list's id.",
            "campaigns" => "The campaign's id, 16 characters of 0-9 a-f.",
            "imports" => "The import's id.",
            "privacy" => "The request's id.",
            "templates" => "The template's id: its name, channel and language, such as spring:email:pt-BR.",
            var tag => throw new ArgumentOutOfRangeException(nameof(path), tag, "No id of this group is known."),
        },
    };
}
