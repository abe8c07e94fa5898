using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Tare.Oci.Images;
using Tare.Registry;
using Tare.Registry.Transport;

namespace Tare.UnitTests.Registry;

/// <summary>Tags, referrers, searches, and registries that ask for patience.</summary>
public sealed class RegistryDocumentsTests
{
    private static readonly ImageReference s_repository = ImageReference.Parse("localhost:5000/team/tool");
    private static readonly Digest s_subject = Digest.Of("subject"u8);

    [Fact]
    public async Task TagsComeInPages()
    {
        ScriptedRegistry registry = new()
        {
            Script = request => request.RequestUri!.Query switch
            {
                "" => Page("""{"name":"team/tool","tags":["b","a"]}""", "</v2/team/tool/tags/list?last=b&n=2>; rel=\"next\""),
                "?last=b&n=2" => Page("""{"name":"team/tool","tags":["c"]}""", null),
                _ => null,
            },
        };
        using RegistryDocuments documents = Documents(registry);
        Assert.Equal(["a", "b", "c"], await documents.ListTagsAsync(s_repository, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ARepositoryWithoutTagsHasNone()
    {
        using RegistryDocuments documents = Documents(new ScriptedRegistry { Script = _ => Page("""{"name":"team/tool","tags":null}""", null) });
        Assert.Empty(await documents.ListTagsAsync(s_repository, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ReferrersByTheApiWithTheFilterDoneHere()
    {
        ScriptedRegistry registry = new() { Script = request => request.RequestUri!.AbsolutePath.EndsWith($"/referrers/{s_subject}", StringComparison.Ordinal) ? Index("sig", "sbom") : null };
        using RegistryDocuments documents = Documents(registry);
        ImageIndex all = await documents.GetReferrersAsync(s_repository, s_subject, null, null, TestContext.Current.CancellationToken);
        Assert.Equal(["sig", "sbom"], all.Manifests.Select(entry => entry.ArtifactType));
        ImageIndex some = await documents.GetReferrersAsync(s_repository, s_subject, "sbom", null, TestContext.Current.CancellationToken);
        Assert.Equal("sbom", Assert.Single(some.Manifests).ArtifactType);
    }

    [Fact]
    public async Task ReferrersByTheFallbackTag()
    {
        ScriptedRegistry registry = new();
        registry.AddDocument($"sha256-{s_subject.Hex}", Encoding.UTF8.GetBytes(IndexText("sig")), MediaTypes.OciIndex);
        using RegistryDocuments documents = Documents(registry);
        ImageIndex found = await documents.GetReferrersAsync(s_repository, s_subject, null, null, TestContext.Current.CancellationToken);
        Assert.Equal("sig", Assert.Single(found.Manifests).ArtifactType);
    }

    [Fact]
    public async Task WithoutReferrersThereAreNone()
    {
        using RegistryDocuments documents = Documents(new ScriptedRegistry());
        Assert.Empty((await documents.GetReferrersAsync(s_repository, s_subject, null, null, TestContext.Current.CancellationToken)).Manifests);
    }

    [Fact]
    public async Task ASearchAsksTheRegistryBeforeTheTerm()
    {
        ScriptedRegistry registry = new()
        {
            Script = request => request.RequestUri!.PathAndQuery == "/v1/search?q=two%20words&n=25"
                ? ScriptedRegistry.Answer(HttpStatusCode.OK, """{"results":[{"name":"a","description":"d","star_count":7,"is_official":true}]}"""u8.ToArray(), "application/json")
                : null,
        };
        using RegistryDocuments documents = Documents(registry);
        SearchResult found = Assert.Single(await documents.SearchAsync("localhost:5000/two words", 0, null, TestContext.Current.CancellationToken));
        Assert.Equal(new SearchResult("a", "d", 7, true, false), found);
    }

    [Fact]
    public async Task ARegistryThatLimitsTheRateIsAskedAgainWhenItSaysSo()
    {
        int refusals = 3;
        ScriptedRegistry registry = new() { Script = request => request.RequestUri!.AbsolutePath.EndsWith("/tags/list", StringComparison.Ordinal) && refusals-- > 0 ? Busy(TimeSpan.FromMilliseconds(0)) : Page("""{"tags":["a"]}""", null) };
        using RegistryDocuments documents = Documents(registry);
        Assert.Equal(["a"], await documents.ListTagsAsync(s_repository, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ARegistryThatWantsUsToWaitForHoursIsNotWaitedFor()
    {
        ScriptedRegistry registry = new() { Script = _ => Busy(TimeSpan.FromHours(6)) };
        using RegistryDocuments documents = Documents(registry);
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => documents.ListTagsAsync(s_repository, null, TestContext.Current.CancellationToken));
        Assert.StartsWith("toomanyrequests:", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, registry.Requests.Count); // once by each scheme
    }

    [Fact]
    public async Task EndlessRedirectsEnd()
    {
        // What the handler gives when it followed as many as it follows.
        ScriptedRegistry registry = new()
        {
            Script = request =>
            {
                HttpResponseMessage response = new(HttpStatusCode.TemporaryRedirect) { RequestMessage = request };
                response.Headers.Location = request.RequestUri;
                return response;
            },
        };
        using RegistryDocuments documents = Documents(registry);
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => documents.GetManifestAsync(s_repository, null, TestContext.Current.CancellationToken));
        Assert.Contains("redirects without end", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(4, 8)]
    public void PausesDouble(int attempt, int seconds)
        => Assert.Equal(TimeSpan.FromSeconds(seconds), RetryPolicy.PauseAfter(new IOException(), attempt, new RegistryOptions()));

    private static RegistryDocuments Documents(ScriptedRegistry registry)
    {
        RegistryOptions options = new() { RetryPause = TimeSpan.FromMilliseconds(1) };
        return new RegistryDocuments(options, new RegistryHttp(options, _ => registry));
    }

    private static HttpResponseMessage Busy(TimeSpan wait)
    {
        HttpResponseMessage response = ScriptedRegistry.Error(HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS", "slow down");
        response.Headers.RetryAfter = new RetryConditionHeaderValue(wait);
        return response;
    }

    private static HttpResponseMessage Page(string body, string? link)
    {
        HttpResponseMessage response = ScriptedRegistry.Answer(HttpStatusCode.OK, Encoding.UTF8.GetBytes(body), "application/json");
        if (link is not null)
        {
            response.Headers.TryAddWithoutValidation("Link", link);
        }

        return response;
    }

    private static HttpResponseMessage Index(params string[] types) => ScriptedRegistry.Answer(HttpStatusCode.OK, Encoding.UTF8.GetBytes(IndexText(types)), MediaTypes.OciIndex);

    private static string IndexText(params string[] types)
        => $"{{\"schemaVersion\":2,\"manifests\":[{string.Join(',', types.Select(type => ScriptedRegistry.Describe("x"u8.ToArray(), MediaTypes.OciManifest, $",\"artifactType\":\"{type}\"")))}]}}";
}
