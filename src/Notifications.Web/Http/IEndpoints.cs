namespace Notifications.Web.Http;

/// <summary>What serves some routes of the API; the list of all of them is <see cref="ApiRoutes"/>.</summary>
internal interface IEndpoints
{
    void Map(IEndpointRouteBuilder routes);
}
