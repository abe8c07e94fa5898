namespace Tare.Engine.Users;

/// <summary>Who a process is, in numbers of the container.</summary>
/// <param name="Uid">User.</param>
/// <param name="Gid">Group.</param>
/// <param name="AdditionalGids">Supplementary groups, the primary one among them as Docker passes them.</param>
/// <param name="Home">Home folder; <c>/</c> for a user that the image does not know.</param>
internal sealed record UserIdentity(uint Uid, uint Gid, List<uint> AdditionalGids, string Home);
