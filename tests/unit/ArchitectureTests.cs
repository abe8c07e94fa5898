using System.Xml.Linq;

namespace Tare.UnitTests;

/// <summary>Dependencies point one way: from a later project of the list to an earlier one (DESIGN, section 3).</summary>
public sealed class ArchitectureTests
{
    private static readonly string[] s_order =
    [
        "Tare.Linux", "Tare.Oci", "Tare.Runtime", "Tare.Storage", "Tare.Registry", "Tare.Network", "Tare.Build", "Tare.Engine",
        "Tare.Docker", "Tare.BuildKit", "Tare.Cri", "Tare.Compose", "Tare.Daemon", "Tare.Cli",
    ];

    [Fact]
    public void ProjectReferencesPointFromLaterToEarlier()
    {
        string[] projects = Directory.GetFiles(Path.Combine(SourceTree.Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.NotEmpty(projects);
        foreach (string project in projects)
        {
            int from = Array.IndexOf(s_order, Path.GetFileNameWithoutExtension(project));
            Assert.True(from >= 0, $"{project} has no place in the order of projects");
            foreach (XElement reference in XDocument.Load(project).Descendants("ProjectReference"))
            {
                string target = Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value);
                int to = Array.IndexOf(s_order, target);
                Assert.True(to >= 0 && to < from, $"{project} must not reference {target}");
            }
        }
    }
}
