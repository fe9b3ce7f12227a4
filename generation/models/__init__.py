"""The tables of generation: uploads, jobs, pictures, their files, where they came from, and who worked."""

from generation.models.files import File, StorageDeletion
from generation.models.jobs import Job, JobPreview, JobProgress
from generation.models.keeping import PictureEnd
from generation.models.pictures import Lineage, Picture
from generation.models.uploads import Upload
from generation.models.workers import Worker

__all__ = [
    "File",
    "Job",
    "JobPreview",
    "JobProgress",
    "Lineage",
    "Picture",
    "PictureEnd",
    "StorageDeletion",
    "Upload",
    "Worker",
]
