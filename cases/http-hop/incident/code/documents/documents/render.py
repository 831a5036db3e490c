"""Renders policies to PDF and announces them."""

import json
import logging
import uuid
from pathlib import Path

from .layout import to_pdf
from .models import Job
from .store import Store

log = logging.getLogger("documents.render")

SPOOL = Path("/var/spool/documents")


class Renderer:
    def __init__(self, store: Store, producer) -> None:
        self.store = store
        self.producer = producer

    def work(self, job: Job) -> None:
        """Runs on a render thread; the caller has long got its 202."""
        try:
            self.run(job)
        except Exception:
            log.exception("request %s failed", job.request_id)

    def run(self, job: Job) -> None:
        pdf = to_pdf(job.policy)
        self._store(job.request_id, pdf)
        doc_id = str(uuid.uuid4())
        pages = self.store.insert_document(doc_id, job.policy["policyNo"], pdf)
        log.info("request %s rendered, %d pages, document %s", job.request_id, pages, doc_id)
        body = {"policyNo": job.policy["policyNo"], "document": doc_id, "pages": pages}
        self.producer.send("documents.ready", key=body["policyNo"], value=json.dumps(body))

    def _store(self, request_id: str, pdf: bytes) -> None:
        with (SPOOL / f"{request_id}.pdf").open("wb") as handle:
            handle.write(pdf)
