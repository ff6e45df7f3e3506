"""Rules of the thesaurus with several levels, split by hand: which substances, dose, route or history get which.

The names of conditions are those of `rules/knowledge/interactions/conditions.yaml`. A rule with conditional parts ends
in one that always holds: its lowest level. The highest would call 7,626 pairs of sedatives contraindicated.
"""

from typing import NamedTuple

from cdss.datasets.ansm import Level


class Split(NamedTuple):
    """Pairs of one rule with a level of their own, by French name or @class. Empty: any member of that side.

    `level` None: no interaction.

    `when`: conditions, separated by blanks, that must all hold. `advice`: codes, where the text's own do not fit.
    """

    a: tuple[str, ...]
    b: tuple[str, ...]
    level: Level | None
    when: str = ""
    advice: tuple[str, ...] = ()


QT_STRICT = ("citalopram", "domperidone", "escitalopram", "hydroxyzine", "piperaquine")
QT_RELAXED = (  # only advised against, in the words of rule 1557
    "chloroquine", "halofantrine", "lumefantrine", "pentamidine", "arsenieux", "hydroxychloroquine", "methadone",
    "crizotinib", "amisulpride", "chlorpromazine", "cyamemazine", "droperidol", "flupentixol", "fluphenazine",
    "haloperidol", "levomepromazine", "pimozide", "pipamperone", "pipotiazine", "sulpiride", "tiapride",
    "zuclopenthixol",
)  # fmt: skip
QT_INTRAVENOUS = ("erythromycine", "vincamine")  # only when given into a vein
QT_OTHERS = (
    "amiodarone", "citalopram", "cocaine", "disopyramide", "domperidone", "dronedarone", "escitalopram",
    "hydroquinidine", "hydroxyzine", "mequitazine", "moxifloxacine", "piperaquine", "quinidine", "sotalol",
    "toremifene", "vandetanib",
)  # fmt: skip
ANTICONVULSANTS = ("carbamazepine", "fosphenytoine", "phenobarbital", "phenytoine", "primidone")
PROTEASE = ("ritonavir",)
OPIOIDS = (
    "alfentanil", "buprenorphine", "codeine", "dextromethorphane", "dihydrocodeine", "ethylmorphine", "fentanyl",
    "hydromorphone", "methadone", "morphine", "nalbuphine", "noscapine", "oxycodone", "pethidine", "pholcodine",
    "remifentanil", "sufentanil", "tapentadol", "tramadol", "phenobarbital", "primidone",
)  # fmt: skip
OXYBATE = ("oxybate de sodium",)
TORSADOGENIC_ANTIARRHYTHMICS = ("amiodarone", "disopyramide", "hydroquinidine", "quinidine", "sotalol")
CAUTIOUS_KINASES = (
    "axitinib", "bosutinib", "cabozantinib", "ceritinib", "cobimetinib", "dabrafenib", "dasatinib", "entrectinib",
    "nilotinib", "sunitinib", "ibrutinib", "ribociclib",
)  # fmt: skip
ANTIBODIES_AVOID = (
    "belimumab", "blinatumomab", "canakinumab", "durvalumab", "guselkumab", "inotuzumab", "ixekizumab",
    "obinutuzumab", "ocrelizumab", "ofatumumab", "rituximab", "tocilizumab", "ustekinumab",
)  # fmt: skip
PDE5 = ("avanafil", "sildenafil", "tadalafil", "vardenafil")
MTOR = ("everolimus", "sirolimus", "temsirolimus")
QT_RULE = (Split((), QT_STRICT, "contraindicated"), Split((), (), "avoid"))

ANTIARRHYTHMIC_CLASSES = (  # Ia, Ib, Ic, III, IV
    ("disopyramide", "hydroquinidine", "quinidine"), ("lidocaine", "mexiletine"),
    ("cibenzoline", "flecainide", "propafenone"), ("amiodarone", "dronedarone", "sotalol"), ("diltiazem", "verapamil"),
)  # fmt: skip
HEPARIN, FONDAPARINUX = ("heparine calcique", "heparine sodique"), ("fondaparinux",)
KIDNEY_80 = (Split((), (), "avoid", "kidney-below-80"), Split((), (), "precaution"))
WITH_CYPROTERONE = (Split((), (), "avoid", "cyproterone-contraceptive"), Split((), (), "precaution"))
LEFT_VENTRICLE = (Split((), (), "avoid", "left-ventricle-weak"), Split((), (), "precaution"))
INTO_A_VEIN = (Split((), (), "avoid", "b-intravenous"), Split((), (), "precaution"))
TWO_ANTIPLATELETS = (Split((), (), "avoid", "no-dual-antiplatelet-indication"), Split((), (), "precaution"))
ASPIRIN_FOR_PAIN = (Split((), (), "precaution", "aspirin-analgesic"), Split((), (), "consider"))
MEANT_TO_BE_COMBINED = (Split((), (), "consider"),)  # by guideline; the thesaurus says precaution
WITH_NITRATES = (  # in stable coronary disease
    "@beta-blockers-not-esmolol", "@beta-blockers-heart-failure", "@dihydropyridines", "@ace-inhibitors", "@arbs",
)  # fmt: skip
ANTIMALARIALS = ("chloroquine", "hydroxychloroquine")
GLUCOCORTICOIDS = ("betamethasone", "cortisone", "dexamethasone", "hydrocortisone", "methylprednisolone",
                   "prednisolone", "prednisone", "triamcinolone")  # fmt: skip
LAMOTRIGINE = (Split((), (), "avoid", "lamotrigine-titration"), Split((), (), "precaution"))


def _heparins(*conditions: str) -> tuple[Split, ...]:
    """The rule for full doses and the elderly, whose limits differ from one heparin to the next."""
    with_ = " ".join(conditions)
    return tuple(
        split
        for b, full in ((HEPARIN, "heparin-full"), (FONDAPARINUX, "fondaparinux-full"), ((), "lmwh-full"))
        for split in (Split((), b, "avoid", f"{with_} {full}".strip()), Split((), b, "consider"))
    )


def _sparing(a: bool) -> tuple[Split, ...]:
    """Potassium-sparing diuretics on side a or b, with an ACE inhibitor or ARB on the other."""

    def part(names: tuple[str, ...], level: Level, when: str = "") -> Split:
        return Split(names if a else (), () if a else names, level, when)

    return (
        part(("spironolactone",), "avoid", f"spironolactone-{'a' if a else 'b'}-beyond"),
        part(("spironolactone",), "precaution"),
        part(("eplerenone",), "avoid", "no-aldosterone-indication"),
        part(("eplerenone",), "precaution"),
        part((), "avoid", "potassium-not-low"),
        part((), "precaution"),
    )


SPLITS: dict[str, tuple[Split, ...]] = {
    "ansm2020-0011": ASPIRIN_FOR_PAIN,
    "ansm2020-0012": (Split((), (), "avoid", "aspirin-analgesic"), Split((), (), "consider")),
    "ansm2020-0013": (
        Split((), (), "contraindicated", "aspirin-anti-inflammatory"),
        Split((), (), "contraindicated", "aspirin-analgesic ulcer"),
        Split((), (), "avoid", "aspirin-analgesic"),
        Split((), (), "avoid", "ulcer"),
        Split((), (), "consider"),
    ),
    "ansm2020-0014": TWO_ANTIPLATELETS,
    "ansm2020-0016": ASPIRIN_FOR_PAIN,
    "ansm2020-0017": (Split((), (), "avoid", "aspirin-anti-inflammatory"), Split((), (), "consider")),
    "ansm2020-0018": _heparins("aspirin-analgesic"),
    "ansm2020-0020": ASPIRIN_FOR_PAIN,
    "ansm2020-0021": (
        Split((), (), "contraindicated", "aspirin-analgesic methotrexate-high"),
        Split((), (), "precaution"),
    ),
    "ansm2020-0023": KIDNEY_80,
    "ansm2020-0025": TWO_ANTIPLATELETS,
    "ansm2020-0091": (Split(("doxazosine",), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-0113": INTO_A_VEIN,
    "ansm2020-0133": INTO_A_VEIN,
    "ansm2020-0164": (Split(("nimodipine",), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-0166": (Split(("lercanidipine",), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-0167": (Split(("nimodipine",), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-0169": _sparing(a=False),
    "ansm2020-0170": MEANT_TO_BE_COMBINED,
    "ansm2020-0184": _heparins(),
    "ansm2020-0190": (
        Split((), (), "avoid", "methotrexate-high", ("avoid", "methotrexate-count")),
        Split((), (), "precaution", advice=("methotrexate-count",)),
    ),
    "ansm2020-0193": KIDNEY_80,
    "ansm2020-0206": (
        Split(TORSADOGENIC_ANTIARRHYTHMICS, TORSADOGENIC_ANTIARRHYTHMICS, "contraindicated"),
        *(Split(same, same, "avoid") for same in ANTIARRHYTHMIC_CLASSES),
        Split((), (), "consider"),
    ),
    "ansm2020-0232": (Split(("carbamazepine",), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-0274": (
        Split(("carbamazepine", "phenobarbital", "primidone"), (), "contraindicated"),
        Split((), (), "avoid"),
    ),
    "ansm2020-0276": (Split(ANTIBODIES_AVOID, (), "avoid"), Split((), (), "consider")),
    "ansm2020-0283": (Split(("doxazosine",), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-0289": QT_RULE,
    "ansm2020-0310": (Split((), (), "avoid", "methotrexate-high"), Split((), (), "consider")),
    "ansm2020-0318": (
        Split(("darifenacine",), (), "contraindicated"),
        Split(("tolterodine",), (), "avoid"),
        Split(("fesoterodine", "solifenacine"), (), "contraindicated", "kidney-or-liver-poor"),
        Split(("fesoterodine", "solifenacine"), (), "precaution", advice=("dose-reduce",)),
        Split((), (), "consider"),
    ),
    "ansm2020-0390": QT_RULE,
    "ansm2020-0400": (Split((), (), "consider"),),  # azithromycin does not raise atorvastatin (FDA label ZITHROMAX)
    "ansm2020-0438": (
        Split(OXYBATE, OPIOIDS, "contraindicated"),
        Split(OPIOIDS, OXYBATE, "contraindicated"),
        Split(OXYBATE, (), "avoid"),
        Split((), OXYBATE, "avoid"),
        Split(("metoclopramide",), ("@opioid-agonists",), None),  # for the nausea that opioids cause
        Split((), (), "consider"),
    ),
    "ansm2020-0463": (
        Split((), ("amlodipine", "felodipine"), None),
        Split(("labetalol",), ("nifedipine",), None),  # hypertension in pregnancy
        Split((), (), "consider"),
    ),
    "ansm2020-0474": (Split((), ("amlodipine", "felodipine"), None), Split((), (), "consider")),
    "ansm2020-0485": (Split((), ("rifampicine",), "contraindicated"), Split((), (), "avoid")),
    "ansm2020-0543": (Split((), (), "contraindicated", "a-intravenous"), Split((), (), "precaution")),
    "ansm2020-0706": (
        Split((), ("clarithromycine", "erythromycine", "telithromycine"), "contraindicated"),
        Split((), (), "avoid"),
    ),
    "ansm2020-0708": (Split((), (), "contraindicated", "kidney-or-liver-poor"), Split((), (), "avoid")),
    "ansm2020-0731": WITH_CYPROTERONE,
    "ansm2020-0732": WITH_CYPROTERONE,
    "ansm2020-0735": WITH_CYPROTERONE,
    "ansm2020-0765": (Split((), PDE5, "avoid"), Split((), (), "consider")),
    "ansm2020-0788": QT_RULE,
    "ansm2020-0833": LEFT_VENTRICLE,
    "ansm2020-0862": MEANT_TO_BE_COMBINED,
    "ansm2020-0863": _sparing(a=True),
    "ansm2020-0867": MEANT_TO_BE_COMBINED,
    "ansm2020-0873": (Split((), (), "avoid", "integrase-resistance"), Split((), (), "precaution")),
    "ansm2020-0945": LEFT_VENTRICLE,
    "ansm2020-0953": LAMOTRIGINE,
    "ansm2020-0959": (Split((), (), "contraindicated", "age-65"), Split((), (), "precaution")),
    "ansm2020-0987": (
        Split(("gemfibrozil",), ("simvastatine",), "contraindicated"),
        Split(("fenofibrate",), (), None),  # guidelines since then combine it with statins: a rule of our own
        Split((), ("rosuvastatine",), "contraindicated", "rosuvastatin-40"),
        Split((), (), "avoid"),
    ),
    "ansm2020-1054": (Split((), ("rifampicine", *ANTICONVULSANTS), "avoid"), Split((), (), "precaution")),
    "ansm2020-1069": (Split((), ("ritonavir", "cobicistat"), "contraindicated"), Split((), (), "avoid")),
    "ansm2020-1093": QT_RULE,
    "ansm2020-1094": (Split(GLUCOCORTICOIDS, ANTIMALARIALS, "consider"), Split((), (), "precaution")),
    "ansm2020-1124": (Split((), ("bupropion",), "contraindicated"), Split((), (), "avoid")),
    "ansm2020-1151": (Split(MTOR, (), "avoid"), Split((), (), "precaution")),
    "ansm2020-1175": (Split(("rifampicine", *ANTICONVULSANTS), (), "contraindicated"), Split((), (), "avoid")),
    "ansm2020-1183": MEANT_TO_BE_COMBINED,
    "ansm2020-1192": (Split(("rosuvastatine",), (), "contraindicated"), Split((), (), "precaution")),
    "ansm2020-1194": (
        Split(("simvastatine", "pitavastatine", "rosuvastatine"), (), "avoid"),
        Split((), (), "precaution"),
    ),
    "ansm2020-1197": (  # the text refers to the products' own information (EU): levels from there
        Split(("avanafil",), (), "contraindicated"),
        Split(("vardenafil",), (), "contraindicated", "age-over-75"),
        Split(("vardenafil",), (), "avoid", advice=("avoid", "alternative")),
        Split(("sildenafil",), (), "contraindicated", "pulmonary-hypertension"),
        Split(("tadalafil",), (), "avoid", "pulmonary-hypertension"),
        Split((), (), "precaution", advice=("dose-lowest", "monitor-bp")),
    ),
    "ansm2020-1202": LAMOTRIGINE,
    "ansm2020-1217": (
        Split(("osimertinib", "vandetanib"), (), None),
        Split(CAUTIOUS_KINASES, (), "avoid"),
        Split((), (), "precaution"),
    ),
    "ansm2020-1221": (Split(("ketoconazole",), (), "contraindicated"), Split((), (), "precaution")),
    "ansm2020-1228": (
        Split((), (), "avoid", "b-oral"),
        Split((), (), "precaution", advice=("dose-reduce", "monitor-breathing")),
    ),
    "ansm2020-1237": (Split(PROTEASE, (), "avoid"), Split((), (), "precaution")),
    "ansm2020-1252": (
        Split((), (), "contraindicated", "venetoclax-titration"),
        Split((), (), "precaution", advice=("venetoclax-quarter",)),
    ),
    "ansm2020-1266": MEANT_TO_BE_COMBINED,
    "ansm2020-1331": (
        Split(("perindopril",), (), None),  # no more than other ACE inhibitors
        Split(("@nitrates",), WITH_NITRATES, None),
        Split(("amantadine",), (), None),  # in China a part of cold remedies, taken for days
        Split((), (), "consider"),
    ),
    "ansm2020-1347": QT_RULE,
    "ansm2020-1417": QT_RULE,
    "ansm2020-1555": (Split(("raltegravir", "bictegravir", "dolutegravir"), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-1557": (
        Split(QT_OTHERS, QT_OTHERS, "contraindicated"),
        Split(QT_RELAXED, QT_STRICT, "contraindicated"),
        Split(QT_RELAXED, (), "avoid"),
        Split(QT_OTHERS, QT_INTRAVENOUS, "contraindicated", "b-intravenous"),
        Split(QT_OTHERS, ("spiramycine",), "contraindicated"),
        Split((), (), "avoid"),
    ),
}

# Rules not taken over, and why.
LEFT_OUT: dict[str, str] = {
    "ansm2020-0430": "its general level contradicts the edition's own rules for the same classes (0172: consider)",
    "ansm2020-1089": "latex condoms are no medicine",
    "ansm2020-1300": "any medicine by mouth",
    "ansm2020-1333": "any medicine by mouth",
    "ansm2020-1334": "any medicine by mouth; 1555 names those that matter",
    "ansm2020-1338": "any medicine by the vagina",
}
