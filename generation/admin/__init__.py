"""The admin pages of generation: jobs, workers, and pictures that stay private."""

from generation.admin.jobs import JobAdmin, WorkerAdmin
from generation.admin.pictures import PictureAdmin
from generation.admin.take_downs import TakeDownAdmin

__all__ = ["JobAdmin", "PictureAdmin", "TakeDownAdmin", "WorkerAdmin"]
