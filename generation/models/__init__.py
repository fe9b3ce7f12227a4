"""The tables of generation: uploads, jobs, pictures, their files and lineage, and workers."""

from generation.models.avatars import Avatar
from generation.models.examples import ModelExample
from generation.models.files import File, StorageDeletion
from generation.models.jobs import Job, JobPreview, JobProgress
from generation.models.moderation import ModerationTotal
from generation.models.picture_ends import PictureEnd
from generation.models.pictures import Lineage, Picture
from generation.models.search import SearchSegment, SearchToken
from generation.models.switches import ModelSwitch
from generation.models.take_downs import TakeDown
from generation.models.turns import Turn
from generation.models.uploads import Upload
from generation.models.workers import Worker

__all__ = [
    "Avatar",
    "File",
    "Job",
    "JobPreview",
    "JobProgress",
    "Lineage",
    "ModelExample",
    "ModelSwitch",
    "ModerationTotal",
    "Picture",
    "PictureEnd",
    "SearchSegment",
    "SearchToken",
    "StorageDeletion",
    "TakeDown",
    "Turn",
    "Upload",
    "Worker",
]
