"""Keeping what is private: sealed while a verification needs it, gone without a trace after that."""

from collections.abc import Sequence

from chalicelib.core import sealing
from chalicelib.kyc.documents.base import DocumentType, starred
from chalicelib.kyc.entities import (
    DocumentCard,
    Kyc,
    KycDocument,
    KycPrint,
    KycStated,
    Stated,
    document_ref,
    print_ref,
    stated_ref,
)
from chalicelib.kyc.images import Image
from chalicelib.store import Ref, Transaction


def keep(
    tx: Transaction, case: Kyc, document_type: DocumentType, stated: Stated, images: Sequence[Image]
) -> None:
    """Put what a customer sent in the place of what they sent before; the case gets its masked form."""
    _forget_images(tx, case)
    number = f"{case.document_type}:{stated.document_number}"
    fingerprint = sealing.fingerprint(number, f"kyc:{case.tenant}")
    if fingerprint != case.fingerprint:
        _forget_print(tx, case)
    case.fingerprint = fingerprint
    case.stated = _masked(stated, document_type)
    case.documents = [_keep_image(tx, case, image) for image in images]
    sealed = _sealed(stated.model_dump_json(), stated_ref(case.tenant, case.user_id))
    tx.overwrite("kyc_stated", KycStated(tenant=case.tenant, user_id=case.user_id, sealed=sealed))
    tx.overwrite("kyc_print", KycPrint(tenant=case.tenant, fingerprint=fingerprint, user_id=case.user_id))


def forget(tx: Transaction, case: Kyc) -> None:
    """Delete everything that says who this is: images, what was stated, the fingerprint, the masked form."""
    _forget_images(tx, case)
    _forget_print(tx, case)
    tx.delete("kyc_stated", stated_ref(case.tenant, case.user_id))
    case.stated = case.fingerprint = case.document_type = None


def opened(document: KycDocument, stated: KycStated) -> tuple[str, Stated]:
    """An image in base64, and what was stated about it, in plain."""
    image = sealing.unseal(document.sealed, _bound_to(document.ref))
    return image, Stated.model_validate_json(sealing.unseal(stated.sealed, _bound_to(stated.ref)))


def _keep_image(tx: Transaction, case: Kyc, image: Image) -> DocumentCard:
    document_id = tx.ctx.new_id("kdc")
    kept = KycDocument(
        tenant=case.tenant,
        user_id=case.user_id,
        document_id=document_id,
        content_type=image.content_type,
        size_bytes=image.size_bytes,
        sealed=_sealed(image.content, document_ref(case.tenant, case.user_id, document_id)),
    )
    tx.put(f"kyc_document:{document_id}", kept)
    return DocumentCard(
        id=document_id, side=image.side, content_type=image.content_type, size_bytes=image.size_bytes
    )


def _forget_images(tx: Transaction, case: Kyc) -> None:
    for card in case.documents:
        tx.delete(f"kyc_document:{card.id}", document_ref(case.tenant, case.user_id, card.id))
    case.documents = []


def _forget_print(tx: Transaction, case: Kyc) -> None:
    if case.fingerprint is not None:
        tx.delete("kyc_print_before", print_ref(case.tenant, case.fingerprint, case.user_id))


def _masked(stated: Stated, document_type: DocumentType) -> Stated:
    names = [starred(name, head=1, tail=0) for name in stated.real_name.split()]
    return Stated(
        real_name=" ".join(names),
        document_number=document_type.masked(stated.document_number),
        birth_date=f"{stated.birth_date[:4]}-**-**",
    )


def _sealed(plain: str, at: Ref) -> bytes:
    return sealing.seal(plain, _bound_to(at))


def _bound_to(at: Ref) -> str:
    """What is sealed opens only at its own address: another customer's cannot be put in its place."""
    return f"{at.pk} {at.sk}"
