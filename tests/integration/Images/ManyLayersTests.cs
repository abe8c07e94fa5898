namespace Tare.IntegrationTests.Images;

/// <summary>An image of as many layers as Docker allows: their paths together are longer than mount(2) takes (before Linux 6.5 layers are mounted by one text of a page).</summary>
public sealed class ManyLayersTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>
{
    private const int Count = 125;

    [Fact]
    public void EveryLayerIsThereHoweverTheFilesAreReached()
    {
        using Registry registry = new($"{daemon.Root}/registry");
        string image = $"{registry.Host}/many:1";
        registry.Push("many", "1", ManyLayers());
        daemon.Tare($"pull -q {image}").Ok();
        Assert.Equal($"{Count - 1}", daemon.Tare(["run", "--name", "many", image, "sh", "-c", "echo new > /f/0; ls /f | wc -l"]).Ok().Text);
        Assert.Equal("C /f\nC /f/0", daemon.Tare("diff many").Ok().Text);
        daemon.Tare($"cp many:/f {daemon.Root}/out").Ok();
        Assert.Equal("new\n", File.ReadAllText($"{daemon.Root}/out/0"));
        Assert.Equal("77", File.ReadAllText($"{daemon.Root}/out/77"));
        daemon.Tare($"cp {daemon.Root}/out/77 many:/f/copied").Ok();
        Assert.Equal("77", daemon.Tare(["run", "--rm", "--mount", $"type=image,source={image},target=/all", "busybox", "sh", "-c", "cat /all/f/77; touch /all/f/x 2>/dev/null && echo written"]).Text);
        daemon.Tare("rm many").Ok();
        daemon.Tare($"rmi {image}").Ok();
    }

    /// <summary>An image of busybox and many layers with a file each: <c>/f/0</c> and so on.</summary>
    internal static ImageBlobs ManyLayers()
    {
        ImageBlobs image = new ImageBlobs().Layer(BusyboxRoot.Tar);
        for (int i = 0; i < Count - 1; i++)
        {
            image.Layer(PullTests.TarOf(($"f/{i}", $"{i}")));
        }

        return image.Finish("amd64", "sh");
    }
}
