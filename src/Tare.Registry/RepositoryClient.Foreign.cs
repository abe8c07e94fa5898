using System.Net;
using System.Net.Http.Headers;
using Tare.Oci.Images;
using Tare.Registry.Transport;

namespace Tare.Registry;

/// <summary>Layers that registries do not keep: they are fetched from where their descriptor says.</summary>
internal sealed partial class RepositoryClient
{
    /// <summary>Opens a blob from an offset on: at the first of some other places that has it, else in the repository.</summary>
    /// <param name="digest">The blob.</param>
    /// <param name="urls">Other places, from the image's manifest: not trusted. Only http and https are followed; nobody is told the registry's credentials.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RegistryException">Nobody has it.</exception>
    public async Task<HttpResponseMessage> OpenBlobAsync(Digest digest, IReadOnlyList<string> urls, long offset, CancellationToken cancellationToken)
    {
        RegistryException? elsewhere = null;
        foreach (string text in urls)
        {
            if (!System.Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || (url.Scheme != System.Uri.UriSchemeHttp && url.Scheme != System.Uri.UriSchemeHttps))
            {
                elsewhere ??= new RegistryException(RegistryErrorKind.Protocol, $"\"{text}\" is no place to fetch layer {digest} from");
                continue;
            }

            try
            {
                return await OpenElsewhereAsync(url, offset, cancellationToken);
            }
            catch (RegistryException failure)
            {
                elsewhere = failure;
            }
        }

        try
        {
            return await OpenBlobAsync(digest, offset, cancellationToken);
        }
        catch (RegistryException) when (elsewhere is not null)
        {
            throw elsewhere; // where it should have been
        }
    }

    private async Task<HttpResponseMessage> OpenElsewhereAsync(Uri url, long offset, CancellationToken cancellationToken)
    {
        Endpoint place = new(new Uri(url.GetLeftPart(UriPartial.Authority)), Endpoint.IsInsecure(url.Authority, _options.InsecureRegistries), IsMirror: false);
        HttpClient http = _elsewhere?.For(place) ?? throw new RegistryException(RegistryErrorKind.Protocol, $"nothing is fetched from {url.Authority}");
        using HttpRequestMessage message = new(HttpMethod.Get, url);
        message.Headers.Range = offset > 0 ? new RangeHeaderValue(offset, null) : null;
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_options.StallTimeout);
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        }
        catch (HttpRequestException failure)
        {
            throw ConnectionErrors.Describe(url, failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw ConnectionErrors.TimedOut(url, failure);
        }

        if (!response.IsSuccessStatusCode)
        {
            using (response)
            {
                if (offset > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                {
                    return await OpenElsewhereAsync(url, 0, cancellationToken);
                }

                throw new RegistryException(RegistryErrorKind.NotFound, $"{url.GetLeftPart(UriPartial.Path)} answered {(int)response.StatusCode} when asked for a layer");
            }
        }

        return response;
    }
}
