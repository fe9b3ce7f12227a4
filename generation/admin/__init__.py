"""The operator's pages of generation: jobs and workers to watch, pictures without peeking."""

from generation.admin.jobs import JobAdmin, WorkerAdmin
from generation.admin.pictures import PictureAdmin

__all__ = ["JobAdmin", "PictureAdmin", "WorkerAdmin"]
