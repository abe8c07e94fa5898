using System.Text;

namespace Tare.Oci.Images;

/// <summary>Chain ids: what a stack of layers is called (image-spec, config.md, Layer ChainID).</summary>
public static class ChainId
{
    /// <summary>The chain id of every layer with those below it, for diff ids with the base first.</summary>
    public static IReadOnlyList<Digest> Of(IReadOnlyList<Digest> diffIds)
    {
        List<Digest> chain = [];
        foreach (Digest diffId in diffIds)
        {
            chain.Add(chain.Count == 0 ? diffId : Digest.Of(Encoding.ASCII.GetBytes($"{chain[^1]} {diffId}")));
        }

        return chain;
    }
}
