"""The tables of the editor: documents, their logs, what is stored for them, and the work that waits."""

from editor.models.assets import Asset
from editor.models.documents import Document
from editor.models.log import Operation, Snapshot, Version
from editor.models.runs import Run

__all__ = ["Asset", "Document", "Operation", "Run", "Snapshot", "Version"]
