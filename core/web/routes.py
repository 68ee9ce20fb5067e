"""The shell's own addresses: static files, client colours, the component gallery, the API page."""

import msgspec
from litestar import Request, Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.params import FromPath
from litestar.static_files import create_static_files_router

from core.web import branding, gallery
from core.web.api_docs import describe
from core.web.packed import packing
from core.web.static_files import ADDRESS, STATIC
from core.web.templating import render

PUBLIC = {"permission": "public", "side": "both"}
FOR_GOOD = "public, max-age=31536000, immutable"


@get("/brand/{name:str}", opt=PUBLIC, include_in_schema=False)
async def brand_stylesheet(name: FromPath[str]) -> Response[str]:
    """A client's colour as a stylesheet; the address holds the colour, so it never changes."""
    css = branding.stylesheet(name.removesuffix(".css"))
    return Response(css, media_type="text/css", headers={"Cache-Control": FOR_GOOD})


@get("/console/_gallery", opt=PUBLIC, include_in_schema=False)
async def console_gallery(request: Request) -> Response[str]:
    """Every console component in every state."""
    request.state.lists = gallery.LISTS
    return render(request, "pages/gallery.html", **gallery.samples())


@get("/h5/_gallery", opt=PUBLIC, include_in_schema=False)
async def h5_gallery(request: Request) -> Response[str]:
    """Every H5 component in every state."""
    return render(request, "pages/gallery_h5.html", **gallery.samples())


@get("/api", opt=PUBLIC, include_in_schema=False)
async def api_page(request: Request) -> Response[str]:
    """The open API as a page that people read."""
    document = msgspec.to_builtins(request.app.openapi_schema.to_schema())
    return render(request, "pages/api.html", book=describe(document, "/schema/openapi.json"))


def static_router() -> Router:
    """Static files, kept by browsers for good because `asset()` puts their content hash into the address."""
    kept = CacheControlHeader(public=True, max_age=31_536_000, immutable=True)
    return create_static_files_router(path=ADDRESS, directories=[STATIC], cache_control=kept, opt=PUBLIC, include_in_schema=False, middleware=[packing])


def shell_routes() -> list:
    """Everything above, for the composition root."""
    return [static_router(), brand_stylesheet, console_gallery, h5_gallery, api_page]
