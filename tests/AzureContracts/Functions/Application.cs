using AzureContracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;

namespace Microsoft.Azure.Functions.Worker.Builder
{
    public class FunctionsApplication
    {
        private FunctionsApplication() { }

        public static FunctionsApplicationBuilder CreateBuilder(string[] args) => throw new ContractOnlyException();
    }

    public class FunctionsApplicationBuilder
    {
        internal FunctionsApplicationBuilder() { }

        public ConfigurationManager Configuration => throw new ContractOnlyException();

        public IServiceCollection Services => throw new ContractOnlyException();

        public IHost Build() => throw new ContractOnlyException();
    }

    public static class FunctionsApplicationBuilderAspNetCoreExtensions
    {
        public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder) =>
            throw new ContractOnlyException();
    }
}

namespace Microsoft.Azure.Functions.Worker.OpenTelemetry
{
    public static class ConfigureFunctionsOpenTelemetry
    {
        public static IOpenTelemetryBuilder UseFunctionsWorkerDefaults(this IOpenTelemetryBuilder builder) =>
            throw new ContractOnlyException();
    }
}
