"""A shop's own code lists, and what it changed of those that every shop has."""

from pydantic import BaseModel, ConfigDict

from chalicelib.store import Flag, Int, Item, Key, Ref, Text, Value


class Label(BaseModel):
    """What people read, in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    en: str
    zh: str


class OwnDictionary(Item, discriminator="dictionary"):
    """A code list of the shop's own making."""

    key = Key("DICTIONARIES", "{dictionary}", "a shop's own code lists: one, or all in one Query")

    dictionary: Text = Text()
    title: Value[Label] = Value(Label)


class DictionaryEntry(Item, discriminator="dictionary_entry"):
    """One entry of a code list: the shop's own, or in the place of one that every shop has."""

    key = Key("DICTIONARY#{dictionary}", "{code}", "the entries of one code list")

    dictionary: Text = Text()
    code: Text = Text()
    label: Value[Label] = Value(Label)
    position: Int = Int(default=0)
    is_enabled: Flag = Flag(default=True)


def dictionary_ref(tenant: str, dictionary: str) -> Ref:
    return OwnDictionary.key.of(tenant, dictionary=dictionary)


def entry_ref(tenant: str, dictionary: str, code: str) -> Ref:
    return DictionaryEntry.key.of(tenant, dictionary=dictionary, code=code)
