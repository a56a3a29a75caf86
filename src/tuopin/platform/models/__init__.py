"""The tables of the platform, one file per subject."""

from tuopin.platform.models.api import KeptAnswer, Token
from tuopin.platform.models.audit import AuditEntry, AuditHead, AuditLink, AuditPending
from tuopin.platform.models.download import Download
from tuopin.platform.models.evidence import Evidence
from tuopin.platform.models.job import Job
from tuopin.platform.models.marker import Marker
from tuopin.platform.models.message import Dispatch, Message, MessageChoice, MessageMute
from tuopin.platform.models.node import Node
from tuopin.platform.models.readlog import ReadBatch, ReadEntry
from tuopin.platform.models.saved_view import SavedView
from tuopin.platform.models.seal import Seal
from tuopin.platform.models.session import Attempts, Session
from tuopin.platform.models.upload import Upload
from tuopin.platform.models.user import Grant, User

__all__ = [
    "Attempts",
    "AuditEntry",
    "AuditHead",
    "AuditLink",
    "AuditPending",
    "Dispatch",
    "Download",
    "Evidence",
    "Grant",
    "Job",
    "KeptAnswer",
    "Marker",
    "Message",
    "MessageChoice",
    "MessageMute",
    "Node",
    "ReadBatch",
    "ReadEntry",
    "SavedView",
    "Seal",
    "Session",
    "Token",
    "Upload",
    "User",
]
