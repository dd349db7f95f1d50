"""Charts as SVG, drawn by the same ECharts as on the page, and as PNG for Word.

ECharts runs in one V8 context per process, because opening one takes longer than setting a whole
report. A context is closed and opened again after some drawings, so that it never grows for
long, and closed when the process ends.
"""

from __future__ import annotations

import atexit
import json
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from queue import SimpleQueue

import pylopdf_fonts_zh_cn
import typst
from django.contrib.staticfiles import finders
from py_mini_racer import MiniRacer

from shuzhuan.engine.charts import Chart, resolved

FONTS_DIR = Path(pylopdf_fonts_zh_cn.__file__).parent
WIDTH_PX = 640
PNG_WIDTH_MM = 160
PNG_PPI = 220
_CALLS_MAX = 100
_SCRIPT = "vendor/echarts.min.js"
_DRAW = """
globalThis.draw = (drawings, width) => JSON.stringify(JSON.parse(drawings).map(([option, height]) => {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try { chart.setOption(option); return chart.renderToSVGString(); } finally { chart.dispose(); }
}));
"""
_PICTURES = b"""
#set page(width: auto, height: auto, margin: 0pt)
#let data = json(bytes(sys.inputs.data))
#for (at, picture) in data.pictures.enumerate() {
  if at > 0 { pagebreak() }
  image(bytes(picture), width: data.width * 1mm)
}
"""


class ChartsMissingError(RuntimeError):
    """The front-end files were not fetched; the message says what to run."""


class _Painter:
    """One V8 context with ECharts in it, and one thread that opens it, draws with it, closes it.

    V8 ends the whole process when a context is opened in another thread than the first one was;
    and where an event loop runs, the context would take that loop and wait for it for ever.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._asked: SimpleQueue[tuple[Future[list[str]], str, int] | None] = SimpleQueue()

    def draw(self, charts: Sequence[Chart], width_px: int) -> list[str]:
        drawings = json.dumps([[resolved(c.option), c.height_px] for c in charts])
        drawn: Future[list[str]] = Future()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._paint, name="painter", daemon=True)
                self._thread.start()
            self._asked.put((drawn, drawings, width_px))
        return drawn.result()

    def end(self) -> None:
        """When the process ends: let the thread finish what it was asked for, and close."""
        if self._thread is not None:
            self._asked.put(None)
            self._thread.join()

    def _paint(self) -> None:
        engine: MiniRacer | None = None
        count = 0
        while (asked := self._asked.get()) is not None:
            drawn, drawings, width_px = asked
            try:
                if engine is not None and count >= _CALLS_MAX:
                    engine.close()
                    engine, count = None, 0
                engine = engine or _opened()
                count += 1
                drawn.set_result(json.loads(str(engine.call("draw", drawings, width_px))))
            except Exception as error:
                drawn.set_exception(error)
        if engine is not None:
            engine.close()


def _opened() -> MiniRacer:
    path = finders.find(_SCRIPT)
    if not isinstance(path, str):
        raise ChartsMissingError("缺少前端文件，请运行 python3 dev.py setup")
    engine = MiniRacer()
    engine.eval(Path(path).read_text(encoding="utf-8"))
    engine.eval(_DRAW)
    return engine


_painter = _Painter()
atexit.register(_painter.end)


def svgs(charts: Sequence[Chart], width_px: int = WIDTH_PX) -> list[str]:
    """One SVG document per chart, ``width_px`` wide and as high as the chart says."""
    return _painter.draw(charts, width_px) if charts else []


@cache
def fonts() -> typst.Fonts:
    """The bundled Chinese fonts and nothing of the machine: every copy looks the same."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS_DIR)])


def compile_pdf(template: Path, data: object, timestamp: int) -> bytes:
    """Set a typst template; the data comes in as JSON and is never read as markup.

    ``timestamp``: seconds since 1970 written into the file, so that the same data give the
    same bytes.
    """
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    compiler = typst.Compiler(str(template), font_paths=fonts(), sys_inputs=inputs)
    content = compiler.compile(format="pdf", timestamp=timestamp)
    assert isinstance(content, bytes)
    return content


def pngs(pictures: Sequence[str]) -> list[bytes]:
    """SVG documents as PNG, ``PNG_WIDTH_MM`` wide at ``PNG_PPI``, for programs without SVG."""
    if not pictures:
        return []
    data = {"pictures": list(pictures), "width": PNG_WIDTH_MM}
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    compiler = typst.Compiler(_PICTURES, font_paths=fonts(), sys_inputs=inputs)
    found = compiler.compile(format="png", ppi=PNG_PPI)
    return [found] if isinstance(found, bytes) else list(found or ())
