namespace Tare.Engine.Images;

/// <summary>A step of an image's making.</summary>
/// <param name="Id">Id of the image for the newest step, <c>&lt;missing&gt;</c> for the others.</param>
/// <param name="Created">When the step was made; null when it is not said.</param>
/// <param name="CreatedBy">The instruction.</param>
/// <param name="Tags">Names of the image for the newest step.</param>
/// <param name="Size">Bytes of the step's layer, unpacked; 0 for a step without layer.</param>
/// <param name="Comment">A remark.</param>
public sealed record ImageHistoryEntry(string Id, DateTimeOffset? Created, string CreatedBy, IReadOnlyList<string> Tags, long Size, string Comment);
