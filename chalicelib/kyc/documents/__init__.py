"""The documents we take. A new one is a module here and a line in this list."""

from chalicelib.kyc.documents import id_card, passport, travel_permit
from chalicelib.kyc.documents.base import DocumentCode, DocumentType

DOCUMENT_TYPES: dict[DocumentCode, DocumentType] = {
    "id_card": id_card.IdCard(),
    "passport": passport.Passport(),
    "travel_permit": travel_permit.TravelPermit(),
}
