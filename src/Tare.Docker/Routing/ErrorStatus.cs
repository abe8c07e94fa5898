using Microsoft.AspNetCore.Http;
using Tare.Engine.Errors;

namespace Tare.Docker.Routing;

/// <summary>The one table from error classes to HTTP status codes, after moby's.</summary>
internal static class ErrorStatus
{
    /// <summary>The status code of a class.</summary>
    public static int Of(ErrorClass errorClass) => errorClass switch
    {
        ErrorClass.NotFound => StatusCodes.Status404NotFound,
        ErrorClass.AlreadyExists or ErrorClass.Conflict => StatusCodes.Status409Conflict,
        ErrorClass.InvalidArgument => StatusCodes.Status400BadRequest,
        ErrorClass.FailedPrecondition => StatusCodes.Status412PreconditionFailed,
        ErrorClass.PermissionDenied => StatusCodes.Status403Forbidden,
        ErrorClass.Unauthenticated => StatusCodes.Status401Unauthorized,
        ErrorClass.Unavailable => StatusCodes.Status503ServiceUnavailable,
        ErrorClass.NotImplemented => StatusCodes.Status501NotImplemented,
        ErrorClass.NotModified => StatusCodes.Status304NotModified,
        // Docker answers 500 where a port or an address is used up, and clients print the message.
        _ => StatusCodes.Status500InternalServerError,
    };
}
