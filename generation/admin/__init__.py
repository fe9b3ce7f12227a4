"""The admin pages of generation: jobs, workers, and pictures and uploads that stay private."""

from generation.admin.catalogue import CatalogueAdmin
from generation.admin.jobs import JobAdmin, StorageDeletionAdmin, WorkerAdmin
from generation.admin.moderation import ModerationTotalAdmin
from generation.admin.pictures import PictureAdmin
from generation.admin.take_downs import TakeDownAdmin
from generation.admin.uploads import UploadAdmin

__all__ = [
    "CatalogueAdmin",
    "JobAdmin",
    "ModerationTotalAdmin",
    "PictureAdmin",
    "StorageDeletionAdmin",
    "TakeDownAdmin",
    "UploadAdmin",
    "WorkerAdmin",
]
