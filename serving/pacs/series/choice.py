"""Which images of a study are read, by which model, and what is said of the others."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from cdss.serving.pacs.reasons import Reason, reason
from cdss.serving.pacs.series import ct, film, kernel
from cdss.serving.pacs.series.anatomy import Task
from cdss.serving.pacs.series.file import File

FILMS = frozenset(("CR", "DX"))
SILENT = frozenset(("SR", "PR", "KO", "DOC", "REG", "SEG", "AU", "PLAN"))  # no images: nobody expects them to be read
SAME_SPACING = 0.05  # mm


class Series(msgspec.Struct, frozen=True):
    """One series and what became of it; the first reason is the one to show."""

    series_uid: str
    chosen: bool
    reasons: tuple[Reason, ...]


class Choice(msgspec.Struct, frozen=True):
    """What is read: a volume, or films, or nothing (`refusals` then say why); `notes` go with the result."""

    series: tuple[Series, ...]
    notes: tuple[Reason, ...] = ()
    volume: ct.Volume | None = None
    films: tuple[File, ...] = ()

    @property
    def task(self) -> Task | None:
        """The model that reads it."""
        return "lung_nodule" if self.volume else "fracture" if self.films else None

    @property
    def refusals(self) -> tuple[Reason, ...]:
        """Every reason against a series, once."""
        against = [why for one in self.series for why in one.reasons if why.kind in ("scope", "defect")]
        return tuple(dict.fromkeys(against))


def choose(files: Sequence[File]) -> Choice:
    """Choose among the images of one study (one patient). A readable chest CT goes before films."""
    by_series: dict[str, list[File]] = defaultdict(list)
    for file in files:
        by_series[file.about.series_uid].append(file)
    others = tuple(
        _other(uid, members) for uid, members in by_series.items() if _modality(members) not in {"CT", *FILMS}
    )
    scans = _choose_scan({uid: members for uid, members in by_series.items() if _modality(members) == "CT"})
    plain = {uid: members for uid, members in by_series.items() if _modality(members) in FILMS}
    films = _choose_films(plain, taken=scans.volume is not None)
    return Choice((*scans.series, *films.series, *others), (*scans.notes, *films.notes), scans.volume, films.films)


def _modality(members: Sequence[File]) -> str:
    return members[0].about.modality


def _other(uid: str, members: Sequence[File]) -> Series:
    if all(file.about.own for file in members):
        return Series(uid, False, (reason("own_result"),))
    modality = _modality(members) or "?"
    return Series(
        uid, False, (reason("no_image") if modality in SILENT else reason("modality_not_read", modality=modality),)
    )


def _choose_scan(by_series: dict[str, list[File]]) -> Choice:
    assessed = {uid: ct.assess(members) for uid, members in by_series.items()}
    readable = {uid: one.volume for uid, one in assessed.items() if one.volume}
    refused = tuple(Series(uid, False, one.refusals) for uid, one in assessed.items() if not one.volume)
    if not readable:
        return Choice(refused)
    best, why = _best(readable)
    told = tuple(Series(uid, uid == best, (why if uid == best else reason("not_chosen"),)) for uid in readable)
    return Choice((*told, *refused), assessed[best].notes, readable[best])


def _best(readable: dict[str, ct.Volume]) -> tuple[str, Reason]:
    """The thinnest; among equals the smoothest kernel; among these the most slices. And the step that decided."""
    if len(readable) == 1:
        return next(iter(readable)), reason("chosen_only")
    spacing = min(volume.grid.spacing[0] for volume in readable.values())
    thinnest = {uid: one for uid, one in readable.items() if one.grid.spacing[0] < spacing + SAME_SPACING}
    if len(thinnest) == 1:
        return next(iter(thinnest)), reason("chosen_thinnest", spacing=round(spacing, 2))
    smooth = min(kernel.sharpness(volume.kernel) for volume in thinnest.values())
    smoothest = {uid: one for uid, one in thinnest.items() if kernel.sharpness(one.kernel) == smooth}
    if len(smoothest) == 1:
        (uid, volume) = next(iter(smoothest.items()))
        return uid, reason("chosen_kernel", kernel=volume.kernel)
    return max(sorted(smoothest), key=lambda uid: len(smoothest[uid].files)), reason("chosen_larger")


def _choose_films(by_series: dict[str, list[File]], taken: bool) -> Choice:
    series, chosen = [], []
    for uid, members in by_series.items():
        against = {file: tuple(film.refusals(file)) for file in members}
        readable = [file for file, why in against.items() if not why]
        if readable and not taken:
            chosen += readable
            series.append(Series(uid, True, (reason("chosen_film"), *_once(against.values()))))
        else:
            series.append(Series(uid, False, _once(against.values()) or (reason("other_task"),)))
    return Choice(tuple(series), _once(film.notes(file) for file in chosen), films=tuple(chosen))


def _once(reasons: Iterable[Iterable[Reason]]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(why for group in reasons for why in group))
