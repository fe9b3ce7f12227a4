"""The tables of the editor: documents, their logs, what is stored for them, what was ordered, and what waits."""

from editor.models.assets import Asset
from editor.models.documents import Document
from editor.models.generations import Generation
from editor.models.log import Operation, Snapshot, Version
from editor.models.runs import Run

__all__ = ["Asset", "Document", "Generation", "Operation", "Run", "Snapshot", "Version"]
