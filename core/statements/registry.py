"""Which kinds of files a client can hand in: the channels' own, those of its plugins, and those that its people described on screen."""

from uuid import UUID

from core.errors import NotFound
from core.platform import Platform
from core.statements import field_maps
from core.statements.protocol import StatementSource


class UnknownSource(NotFound):
    code = "UNKNOWN_SOURCE"
    message = "没有名为 {source} 的对账文件来源，可用的有：{known}"


async def sources_of(platform: Platform, tenant_id: UUID) -> dict[str, StatementSource]:
    """Every source of a client by its code; a plugin's own where the plugin is on."""
    client = await platform.directory.profile(tenant_id)
    offered = platform.plugins.collect_all("register_statement_sources")
    sources = {each.code: each for plugin, each in offered if plugin == "core" or client.has(plugin)}
    async with platform.database.tenant(tenant_id) as session:
        sources |= {each.code: each for each in await field_maps.as_sources(session)}
    return sources


async def find_source(platform: Platform, tenant_id: UUID, code: str) -> StatementSource:
    """One of them; UnknownSource names the others."""
    sources = await sources_of(platform, tenant_id)
    if code not in sources:
        raise UnknownSource(source=code, known="、".join(sorted(sources)))
    return sources[code]
