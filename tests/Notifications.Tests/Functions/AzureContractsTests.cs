using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Azure.Communication.Email;
using Notifications.Functions.Http;

namespace Notifications.Tests.Functions;

/// <summary>The contracts declare what the Functions app and the fakes of its clients use, and nothing more.</summary>
public sealed class AzureContractsTests
{
    private const BindingFlags Declared = BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly Assembly Contracts = typeof(EmailClient).Assembly;
    private static readonly Assembly[] Users = [typeof(HttpFunctions).Assembly, typeof(AzureContractsTests).Assembly];

    [Fact]
    public void The_contracts_contain_nothing_superfluous()
    {
        Assert.Equal("AzureContracts", Contracts.GetName().Name);
        var used = Users.SelectMany(References).ToHashSet();
        Assert.True(used.Count > 20, "The references were not read.");

        var superfluous = Contracts.GetExportedTypes()
            .SelectMany(t => t.GetMembers(Declared))
            .Where(m => IsVisible(m) && !used.Contains(m) && !IsNeededByTheLanguage(m, used))
            .Select(m => $"{m.DeclaringType}: {m}");
        Assert.Empty(superfluous);
    }

    [Fact]
    public void What_would_do_something_throws()
    {
        var error = Assert.Throws<TargetInvocationException>(
            () => Activator.CreateInstance(typeof(EmailClient), "endpoint=https://x/;accesskey=AA==", new EmailClientOptions()));
        Assert.Equal("ContractOnlyException", error.InnerException!.GetType().Name);
        Assert.Contains("AzurePackages=true", error.InnerException.Message, StringComparison.Ordinal);
    }

    // A member reference's token resolves to exactly the overload that is called.
    private static IEnumerable<MemberInfo> References(Assembly user)
    {
        using var file = new PEReader(File.OpenRead(user.Location));
        var metadata = file.GetMetadataReader();
        foreach (var handle in metadata.MemberReferences)
        {
            var parent = metadata.GetMemberReference(handle).Parent;
            if (parent.Kind == HandleKind.TypeReference && IsContract(metadata, (TypeReferenceHandle)parent))
                yield return user.ManifestModule.ResolveMember(MetadataTokens.GetToken(handle))!;
        }
    }

    private static bool IsContract(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var scope = metadata.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => IsContract(metadata, (TypeReferenceHandle)scope),
            HandleKind.AssemblyReference =>
                metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)scope).Name) == "AzureContracts",
            _ => false,
        };
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily,
        FieldInfo field => (field.IsPublic || field.IsFamily) && !field.IsSpecialName,
        _ => false, // A property is its accessors; a nested type is exported by itself.
    };

    private static bool IsNeededByTheLanguage(MemberInfo member, HashSet<MemberInfo> used) => member switch
    {
        ConstructorInfo constructor => constructor.GetParameters().Length == 0, // Of a class that declares none: the compiler's own.
        // An abstract member of Azure.Core's, without which nothing can derive.
        MethodInfo method => method.GetBaseDefinition().DeclaringType!.Assembly != Contracts,
        FieldInfo { IsLiteral: true } literal => IsConstantUsed(literal, used), // Constants are copied into whoever uses them.
        _ => false,
    };

    private static bool IsConstantUsed(FieldInfo literal, HashSet<MemberInfo> used)
    {
        var value = Convert.ToInt32(literal.GetRawConstantValue(), null);
        return used.OfType<MethodBase>()
            .SelectMany(m => m.GetParameters())
            .Where(p => p.ParameterType == literal.DeclaringType && p.HasDefaultValue)
            .Any(p => Convert.ToInt32(p.RawDefaultValue, null) == value);
    }
}
