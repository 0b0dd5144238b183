"""A sample as a file in any form and layout a person or a lender may hand in."""

from __future__ import annotations

from typing import Final

from xindeng.lab.papers.copies import write_html, write_text
from xindeng.lab.papers.detailed import detailed_blocks
from xindeng.lab.papers.institution import as_json, as_xml
from xindeng.lab.papers.pdf import LOOKS, write_pdf
from xindeng.lab.papers.person import Sample
from xindeng.lab.papers.printed import report_line
from xindeng.lab.papers.simple import simple_blocks

PRINTED: Final = (*LOOKS, "text", "tabs", "html")
LAYOUTS: Final = (
    *((form, layout) for form in ("simple", "detailed") for layout in PRINTED),
    ("institutional", "json"), ("institutional", "xml"),
)  # fmt: skip
"""Every form with every layout it comes in."""

SUFFIXES: Final = {"text": "txt", "tabs": "txt", "html": "html", "json": "json", "xml": "xml"}


def write_report(sample: Sample, form: str, layout: str) -> bytes:
    """Return the bytes of one report; `form` and `layout` as in LAYOUTS."""
    if form == "institutional":
        return as_json(sample) if layout == "json" else as_xml(sample)
    if form == "simple":
        blocks = simple_blocks(sample)
    else:
        blocks = detailed_blocks(sample, print_names=layout in {"narrow", "tabs"})
    if layout == "html":
        return write_html(blocks, "个人信用报告")
    if layout in {"text", "tabs"}:
        return write_text(blocks, tabs=layout == "tabs")
    return write_pdf(blocks, layout, report_line(sample))
