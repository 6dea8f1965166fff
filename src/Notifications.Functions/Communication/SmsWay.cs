namespace Notifications.Functions.Communication;

/// <summary>How texts leave (<c>Notifications:Sms</c>): by Communication Services, or not at all.</summary>
internal sealed class SmsWay : CommunicationOptions
{
    /// <summary>There is no way out for texts: each fails, and its timeline says so.</summary>
    public bool Off { get; set; }

    /// <inheritdoc/>
    protected override string Else => "Or set Notifications__Sms__Off to true where no texts are sent.";

    /// <inheritdoc/>
    public override void Validate(string section)
    {
        if (!Off) base.Validate(section);
        else if (Named)
            throw new ArgumentException($"{section} is Off and has Communication Services: leave Endpoint and ConnectionString out, or Off.");
        else ValidatePace(section);
    }
}
