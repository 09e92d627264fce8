"""Every route of this server beside Streamlit's own."""

from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route

from core.server.machines import routes as machines
from core.server.routes import health, monitoring, phone, photos, scans, station, webhooks
from core.server.sign_in import badge, forms, openid, passkeys


def routes(assets: Path) -> list[BaseRoute]:
    """The routes; `assets` is the folder of the scan station's scripts and styles."""
    return [
        Route("/healthz", health.healthz),
        Route("/readyz", monitoring.readyz),
        Route("/metrics", monitoring.metrics),
        Route("/api/scans", scans.scans, methods=["POST"]),
        Route("/api/frames", scans.frames, methods=["POST"]),
        Route("/api/photos", photos.add, methods=["POST"]),
        Route("/api/photos/{sha}/thumbnail", photos.thumbnail),
        Route("/api/pile/{pile}/pictures", photos.of_pile),
        Route("/api/pile/{pile}/labels/{order}", photos.label),
        Route("/api/pile/{pile}/changes", station.changes),
        Route("/api/runs/under-way", station.under_way),
        Route("/api/commands", station.commands, methods=["POST"]),
        Route("/api/me", phone.me),
        Route("/scan", station.page),
        Route("/commands", station.sheet),
        Route("/label/{pile}/{order}", station.label),
        Route("/pair/{token}", phone.pair, methods=["GET", "POST"]),
        *passkeys.routes(),
        *openid.routes(),
        *badge.routes(),
        Route("/sign-in", forms.show_or_sign_in, methods=["GET", "POST"]),
        Route("/sign-in/{file}", forms.file),
        Route("/welcome/{token}", forms.welcome, methods=["GET", "POST"]),
        Route("/confirm", forms.confirm, methods=["GET", "POST"]),
        Route("/sign-out", forms.sign_out, methods=["GET", "POST"]),
        Route("/api/session", forms.still_in),
        *machines.routes(),
        Route("/phone", phone.phone_page(assets)),
        Route("/webhooks/{service}", webhooks.receive, methods=["POST"]),
        Mount("/station", phone.Assets(directory=assets)),
    ]
