"""The admin pages of generation: jobs, workers, and pictures and uploads that stay private."""

from generation.admin.catalogue import CatalogueAdmin
from generation.admin.jobs import JobAdmin, WorkerAdmin
from generation.admin.pictures import PictureAdmin
from generation.admin.take_downs import TakeDownAdmin
from generation.admin.uploads import UploadAdmin

__all__ = ["CatalogueAdmin", "JobAdmin", "PictureAdmin", "TakeDownAdmin", "UploadAdmin", "WorkerAdmin"]
