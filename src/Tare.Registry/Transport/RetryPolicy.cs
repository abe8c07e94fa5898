namespace Tare.Registry.Transport;

/// <summary>When and how soon a request that failed is tried again: after broken connections and servers in trouble (429, 5xx), each pause twice as long, or as long as the server wishes.</summary>
internal static class RetryPolicy
{
    /// <summary>Runs an operation until it succeeds, fails for good, or has been tried often enough.</summary>
    public static async Task<T> RunAsync<T>(RegistryOptions options, Func<Task<T>> operation, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await operation();
            }
            catch (Exception failure) when (attempt < options.MaximumAttempts && PauseAfter(failure, attempt, options) is not null && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(PauseAfter(failure, attempt, options)!.Value, cancellationToken);
            }
            catch (Exception failure) when (failure is IOException or HttpRequestException)
            {
                throw new RegistryException(RegistryErrorKind.Unavailable, $"unexpected EOF: the registry broke off {attempt} times: {failure.Message}", failure);
            }
        }
    }

    /// <summary>How long to wait before the next try; null when another try is of no use. A registry that cannot be reached at all is not tried again: who mistyped its name should not wait.</summary>
    public static TimeSpan? PauseAfter(Exception failure, int attempt, RegistryOptions options) => failure switch
    {
        RegistryException { IsServerTrouble: true, RetryAfter: { } wish } => wish <= options.LongestRetryAfter ? wish : null,
        RegistryException { IsServerTrouble: true } or IOException or HttpRequestException => options.RetryPause * (1 << Math.Min(attempt - 1, 6)),
        _ => null,
    };

    /// <summary>The server's Retry-After (RFC 9110 section 10.2.3); null when it has none.</summary>
    public static TimeSpan? WishOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when response.Headers.Date is { } now => date > now ? date - now : TimeSpan.Zero,
        _ => null,
    };
}
