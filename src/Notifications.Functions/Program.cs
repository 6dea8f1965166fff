using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using Notifications.Functions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddNotificationsOnAzure(builder.Configuration);
builder.Services.AddTelemetryOnAzure(builder.Configuration);
builder.Build().Run();
