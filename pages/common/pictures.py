"""How pages show pictures: as part of the page, never opened here (rule 16).

`st.image` opens bytes and files with Pillow to learn their format; an address it hands on as it is.
"""

import base64
import io

import segno


def shown_jpeg(data: bytes) -> str:
    """The address (`data:`) of a JPEG that a reader process of ours wrote.

    Other bytes give an address that browsers draw nothing for.
    """
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def shown_png(data: bytes) -> str:
    """The address (`data:`) of a PNG of ours."""
    return "data:image/png;base64," + base64.b64encode(data).decode()


def shown_svg(drawing: str) -> str:
    """The address (`data:`) of a drawing of ours, which names SVG's namespace: no page stands
    around it."""
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()


def qr_code(text: str, scale: int) -> str:
    """A QR code as SVG, on white also where the page is dark: black on dark no camera reads."""
    drawing = io.BytesIO()
    code = segno.make(text, error="m")
    code.save(drawing, kind="svg", scale=scale, border=3, light="white", xmldecl=False, nl=False)
    return drawing.getvalue().decode()
