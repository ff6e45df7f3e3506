"""The index from medicines to rules against asking every rule in turn whether it is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdss.rules.facts import Drug
from cdss.rules.language.rule import ANY
from cdss.rules.pack import Pack, load

PACK: Pack = load()
FORMS = ("", "片", "缓释胶囊", "注射液", "滴眼液", "乳膏", "吸入剂", "栓", "贴剂")
names = st.sampled_from(sorted(PACK.formulary.entries)) | st.sampled_from(sorted(PACK.formulary.names.meanings))


def slow(drug: Drug) -> set[str]:
    """Every active rule about orders whose codes begin one of the medicine's, if it is asked of such a form."""
    return {
        id
        for id, compiled in PACK.rules.items()
        if compiled.rule.status == "active"
        and (compiled.rule.when.local or drug.systemic)
        and (ordering := compiled.rule.when.ordering) is not None
        and (ordering == ANY or any(atc.startswith(code) for atc in drug.atc for code in ordering))
        and not any(atc.startswith(code) for atc in drug.atc for code in compiled.rule.when.unless)
    }


@given(names, st.sampled_from(FORMS))
def test_the_index_triggers_exactly_the_rules_that_are_meant(name: str, form: str) -> None:
    drug = PACK.formulary.resolve(name=name + form)
    assert {compiled.rule.id for compiled in PACK.about(drug)} == slow(drug)


@pytest.mark.parametrize("atc", ["A10BA02", "C07AB02", "J01CA04", "N02BE01", "C09DB01", "J01C", "N"])
def test_a_code_alone_triggers_them_as_well(atc: str) -> None:
    drug = PACK.formulary.resolve(atc=atc)
    assert {compiled.rule.id for compiled in PACK.about(drug)} == slow(drug)
