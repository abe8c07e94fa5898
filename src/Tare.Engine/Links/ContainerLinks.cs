using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Lifecycle;
using Tare.Engine.State;
using Tare.Engine.Validation;

namespace Tare.Engine.Links;

/// <summary>
/// Links between containers of the default bridge (<c>--link</c>, which Docker calls legacy): names in the file of hosts, and variables that tell addresses and ports. A link
/// is kept by the other container's id, so that it outlives a rename.
/// </summary>
/// <param name="containers">All containers.</param>
internal sealed class ContainerLinks(ContainerTable containers)
{
    /// <summary>Reads the links of a create request.</summary>
    /// <exception cref="EngineException">InvalidArgument: no such container. Internal: the form is wrong.</exception>
    /// <param name="links">Each <c>container[:alias]</c>.</param>
    public List<ContainerLink>? Resolve(IReadOnlyList<string>? links)
    {
        List<ContainerLink> resolved = [];
        foreach (string link in links ?? [])
        {
            string[] words = link.Split(':');
            if (words.Length > 2 || words[0].Length == 0)
            {
                throw EngineErrors.Late($"bad format for links: {link}");
            }

            Container other = containers.TryFind(words[0]) ?? throw new EngineException(ErrorClass.InvalidArgument, $"could not get container for {words[0]}: No such container: {words[0]}");
            string alias = words.Length == 2 && words[1].Length > 0 ? words[1] : words[0].TrimStart('/');
            // The form that inspect tells: /container:/own-name/alias.
            alias = alias[(alias.LastIndexOf('/') + 1)..];
            if (Modes.IsOutsideBridge(other.Document.HostConfig.NetworkMode))
            {
                EngineErrors.ThrowInvalid(other.Document.HostConfig.NetworkMode == "host"
                    ? "conflicting options: host type networking can't be used with links. This would result in undefined behavior"
                    : $"container {other.Id} not attached to default bridge network");
            }

            resolved.Add(new ContainerLink(other.Id, alias));
        }

        return resolved.Count > 0 ? resolved : null;
    }

    /// <summary>Checks that what a container links to runs.</summary>
    /// <exception cref="EngineException">Internal: <c>Cannot link to a non running container</c>.</exception>
    public void RequireRunning(Container container)
    {
        foreach ((Container other, string alias) in Of(container))
        {
            if (!other.State.IsAlive || other.Network is null)
            {
                throw EngineErrors.Late($"Cannot link to a non running container: /{other.Name} AS /{container.Name}/{alias}");
            }
        }
    }

    /// <summary>Lines of the file of hosts, without their ends.</summary>
    public List<string> Hosts(Container container)
    {
        List<string> lines = [];
        foreach ((Container other, string alias) in Of(container))
        {
            if (other.Network is { } network)
            {
                string further = alias == other.Name ? "" : " " + other.Name;
                lines.Add($"{network.IPAddress}\t{alias} {other.Document.Config.Hostname}{further}");
            }
        }

        return lines;
    }

    /// <summary>The variables of a container's links.</summary>
    /// <exception cref="EngineException">Internal: one of them does not run.</exception>
    public List<string> Environment(Container container)
    {
        if (container.Document.Links is null)
        {
            return [];
        }

        RequireRunning(container);
        return [.. Of(container).SelectMany(link => LinkVariables.Make(container.Name, link.Alias, link.Container.Network!.IPAddress, link.Container.Document.Config))];
    }

    /// <summary>The containers that link to another one.</summary>
    public IEnumerable<Container> ThatLinkTo(string id) => containers.All.Where(c => c.Document.Links?.Exists(link => link.ContainerId == id) == true);

    /// <summary>Adds to a snapshot what it tells of links: those it has, and the names that others gave it.</summary>
    public ContainerSnapshot Describe(Container container)
    {
        List<string> names = [.. ThatLinkTo(container.Id).SelectMany(by => by.Document.Links!.Where(link => link.ContainerId == container.Id).Select(link => $"{by.Name}/{link.Alias}"))];
        return container.Document.Links is null && names.Count == 0 ? container.Snapshot : container.Snapshot with
        {
            Links = container.Document.Links is { } links
                ? [.. links.Select(link => $"/{containers.TryFind(link.ContainerId)?.Name ?? link.ContainerId}:/{container.Name}/{link.Alias}")]
                : null,
            LinkedNames = names,
        };
    }

    /// <summary>Takes a link away.</summary>
    /// <exception cref="EngineException">NotFound or InvalidArgument: there is none of that name.</exception>
    /// <param name="path"><c>/container/alias</c>.</param>
    /// <returns>The container that had it.</returns>
    public Container Remove(string path)
    {
        string[] words = path.Trim('/').Split('/');
        if (words.Length != 2)
        {
            EngineErrors.ThrowInvalid($"cannot remove link {path}: a link is named /container/alias");
        }

        Container parent = containers.TryFind(words[0]) ?? throw EngineErrors.Late($"Cannot get parent /{words[0]} for link name /{path.Trim('/')}");
        parent.Change(c =>
        {
            List<ContainerLink> left = [.. (c.Document.Links ?? []).Where(link => link.Alias != words[1])];
            if (left.Count == (c.Document.Links?.Count ?? 0))
            {
                throw EngineErrors.NoSuchContainer(path);
            }

            c.Document.Links = left.Count > 0 ? left : null;
        });
        return parent;
    }

    private IEnumerable<(Container Container, string Alias)> Of(Container container)
    {
        foreach (ContainerLink link in container.Document.Links ?? [])
        {
            if (containers.TryFind(link.ContainerId) is { } other)
            {
                yield return (other, link.Alias);
            }
        }
    }
}
