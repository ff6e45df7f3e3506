"""A pack of knowledge: every rule, drug and interaction that is asked together, under one version and digest.

Loading is all or nothing: a pack that was built is complete and valid, one that cannot be built raises and changes
nothing.
"""

import gc
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cdss.rules import KNOWLEDGE
from cdss.rules.asking.compiled import CompiledRule
from cdss.rules.asking.context import levels
from cdss.rules.drugs.formulary import Formulary
from cdss.rules.facts import Drug, Event
from cdss.rules.interactions.index import InteractionIndex
from cdss.rules.language.read import RuleError, rules_in
from cdss.rules.language.rule import ANY
from cdss.rules.language.settings import Settings, chosen, settings_in
from cdss.rules.language.sizes import refuse_sizes

REMEMBERED = 20_000  # medicines whose rules are kept at hand


@dataclass(frozen=True, slots=True)
class Pack:
    """Knowledge ready to be asked. `rules` by id; `version` and `digest` are named in every answer."""

    version: str
    digest: str
    rules: dict[str, CompiledRule]
    formulary: Formulary
    interactions: InteractionIndex
    by_atc: dict[str, tuple[CompiledRule, ...]]
    by_event: dict[Event, tuple[CompiledRule, ...]]
    _about: dict[tuple[tuple[str, ...], bool], tuple[CompiledRule, ...]] = field(default_factory=dict, repr=False)

    def about(self, drug: Drug) -> tuple[CompiledRule, ...]:
        """The active rules that an order of this medicine triggers, each once."""
        key = (drug.atc, drug.systemic)
        found = self._about.get(key)
        if found is None:
            if len(self._about) >= REMEMBERED:
                self._about.clear()
            found = self._about[key] = self._triggered(drug)
        return found

    def _triggered(self, drug: Drug) -> tuple[CompiledRule, ...]:
        found: dict[str, CompiledRule] = {}
        for code in (*(level for atc in drug.atc for level in levels(atc)), ANY):
            for compiled in self.by_atc.get(code, ()):
                if compiled.rule.when.concerns(drug):
                    found[compiled.rule.id] = compiled
        return tuple(found.values())


def load(folder: Path = KNOWLEDGE, hospital_codes: Path | None = None, site: Mapping[str, float] | None = None) -> Pack:
    """The pack in a folder, with the hospital's own code table and the site's own settings if there are any.

    PackRefused, RuleError, SettingError, or a table's own error.
    """
    refuse_sizes(folder)
    with _undisturbed():
        return _loaded(folder, hospital_codes, site)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the garbage collector, which would walk a million new objects again and again and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _loaded(folder: Path, hospital_codes: Path | None, site: Mapping[str, float] | None) -> Pack:
    formulary = Formulary.load(folder / "drugs", hospital_codes)
    rules = compiled_in(folder, chosen(settings_in(folder), site or {}))
    active = [compiled for compiled in rules.values() if compiled.rule.status == "active"]
    return Pack(
        version=(folder / "VERSION").read_text(encoding="ascii").strip(),
        digest=digest(folder),
        rules=rules,
        formulary=formulary,
        interactions=InteractionIndex.load(folder / "interactions", formulary),
        by_atc=_by_atc(active),
        by_event=_by_event(active),
    )


def digest(folder: Path) -> str:
    """sha256 over the names and contents of all files below the folder."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"):
        total.update(path.relative_to(folder).as_posix().encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return "sha256:" + total.hexdigest()


def compiled_in(folder: Path, settings: Settings | None = None) -> dict[str, CompiledRule]:
    """Every rule of a folder by id, at a site so set; by default as the folder's own settings say.

    PackRefused or RuleError.
    """
    refuse_sizes(folder)
    site = settings_in(folder) if settings is None else settings
    rules: dict[str, CompiledRule] = {}
    for path, rule in rules_in(folder):
        if rule.id in rules:
            raise RuleError(f"{path}: found id {rule.id!r} a second time; every rule needs its own")
        rules[rule.id] = CompiledRule(rule, site)
    return rules


def _by_atc(rules: list[CompiledRule]) -> dict[str, tuple[CompiledRule, ...]]:
    found: dict[str, list[CompiledRule]] = {}
    for compiled in rules:
        ordering = compiled.rule.when.ordering
        for code in [ANY] if ordering == ANY else ordering or []:
            found.setdefault(code, []).append(compiled)
    return {code: tuple(list_) for code, list_ in found.items()}


def _by_event(rules: list[CompiledRule]) -> dict[Event, tuple[CompiledRule, ...]]:
    found: dict[Event, list[CompiledRule]] = {}
    for compiled in rules:
        if compiled.rule.when.ordering is None:
            found.setdefault(compiled.rule.when.event, []).append(compiled)
    return {event: tuple(list_) for event, list_ in found.items()}
