"""Everything held of a person, as JSON: all sections at once, then the rest of the long ones page by page."""

from chalicelib.core.clock import to_text
from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid
from chalicelib.privacy.holders import HOLDERS
from chalicelib.privacy.schemas import Export, Section

PAGE = 100


def export(ctx: Context, *, section: str | None, cursor: str | None) -> Export:
    """The first page of every section, or one page of one. A Query or two for each section.

    Raises Invalid for a section there is none of, CursorInvalid.
    """
    if section is not None and section not in HOLDERS:
        raise Invalid.field("section", "section_unknown", f"must be one of {', '.join(HOLDERS)}")
    if section is None and cursor is not None:
        raise Invalid.field("section", "section_missing", "a cursor belongs to one section: name it")
    asked = [HOLDERS[section]] if section is not None else list(HOLDERS.values())
    sections: dict[str, Section] = {}
    for holder in asked:
        page = holder.export(ctx, PAGE, cursor)
        sections[holder.section] = Section(data=page.data, next_cursor=page.next_cursor)
    return Export(user_id=ctx.customer_id, exported_at=to_text(ctx.now), sections=sections)
