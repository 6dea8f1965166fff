namespace AzureContracts;

/// <summary>Somebody called a declaration that has no body here; the real package was needed.</summary>
internal sealed class ContractOnlyException()
    : NotSupportedException("This is a declaration from tests/AzureContracts. Build with -p:AzurePackages=true for the real package.");
