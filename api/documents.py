"""`POST /v1/documents`: a Word, PDF, Excel or text form in, the need that it states out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from starlette.responses import Response

from api.answers import DocumentAnswer
from api.errors import responses
from api.replies import reply
from api.schemas import body_of
from matcher.understanding.documents import MAX_BYTES, need_from_document, read_document, text_of

#: A file name is shown, never opened; longer ones are cut.
NAME_LENGTH = 200

router = APIRouter(prefix="/v1", tags=["documents"], responses=responses(413, 422))


@router.post("/documents", summary="读取一份中试需求文档", response_model=DocumentAnswer)
def documents(file: Annotated[UploadFile, File(description="Word(.docx)、PDF、Excel 或 TXT,20 MB 以内")]) -> Response:
    """Read a document; `need` is a body for `POST /v1/matches`, to be looked over and sent. The file is not kept."""
    # One byte more than allowed tells a file that is too large from one that just fits.
    document = read_document(file.file.read(MAX_BYTES + 1), (file.filename or "文档")[:NAME_LENGTH])
    _, cut = text_of(document)
    need = body_of(need_from_document(document))
    return reply({"name": document.name, "need": need, "notes": [*document.notes, *cut]})
