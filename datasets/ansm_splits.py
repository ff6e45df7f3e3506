"""Rules of the thesaurus whose level depends on which member of a class is meant: its words, as a table.

Only where the text names the substances itself. Where dose, route, history or kidney function decides, a rule is left
whole, takes its lowest level and is marked; the highest would call 7,626 pairs of sedatives contraindicated.
"""

from typing import NamedTuple

from cdss.datasets.ansm import Level


class Split(NamedTuple):
    """Pairs of one rule with a level of their own. Empty: any member of that side. `level` None: no interaction."""

    a: tuple[str, ...]
    b: tuple[str, ...]
    level: Level | None


QT_STRICT = ("citalopram", "domperidone", "escitalopram", "hydroxyzine", "piperaquine")
QT_RELAXED = (  # only advised against, in the words of rule 1557
    "chloroquine", "halofantrine", "lumefantrine", "pentamidine", "arsenieux", "hydroxychloroquine", "methadone",
    "crizotinib", "amisulpride", "chlorpromazine", "cyamemazine", "droperidol", "flupentixol", "fluphenazine",
    "haloperidol", "levomepromazine", "pimozide", "pipamperone", "pipotiazine", "sulpiride", "tiapride",
    "zuclopenthixol",
)  # fmt: skip
QT_INTRAVENOUS = ("erythromycine", "vincamine", "spiramycine")  # only by routes we are not told
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

SPLITS: dict[str, tuple[Split, ...]] = {
    "ansm2020-0091": (Split(("doxazosine",), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-0164": (Split(("nimodipine",), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-0166": (Split(("lercanidipine",), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-0167": (Split(("nimodipine",), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-0206": (Split(TORSADOGENIC_ANTIARRHYTHMICS, TORSADOGENIC_ANTIARRHYTHMICS, "contraindicated"),),
    "ansm2020-0232": (Split(("carbamazepine",), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-0274": (
        Split(("carbamazepine", "phenobarbital", "primidone"), (), "contraindicated"),
        Split((), (), "avoid"),
    ),
    "ansm2020-0276": (Split(ANTIBODIES_AVOID, (), "avoid"), Split((), (), "consider")),
    "ansm2020-0283": (Split(("doxazosine",), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-0289": QT_RULE,
    "ansm2020-0318": (Split(("darifenacine",), (), "contraindicated"), Split(("tolterodine",), (), "avoid")),
    "ansm2020-0390": QT_RULE,
    "ansm2020-0438": (
        Split(OXYBATE, OPIOIDS, "contraindicated"),
        Split(OPIOIDS, OXYBATE, "contraindicated"),
        Split(OXYBATE, (), "avoid"),
        Split((), OXYBATE, "avoid"),
        Split((), (), "consider"),
    ),
    "ansm2020-0485": (Split((), ("rifampicine",), "contraindicated"), Split((), (), "avoid")),
    "ansm2020-0706": (
        Split((), ("clarithromycine", "erythromycine", "telithromycine"), "contraindicated"),
        Split((), (), "avoid"),
    ),
    "ansm2020-0765": (Split((), PDE5, "avoid"), Split((), (), "consider")),
    "ansm2020-0788": QT_RULE,
    "ansm2020-0987": (Split(("gemfibrozil",), ("simvastatine",), "contraindicated"),),
    "ansm2020-1054": (Split((), ("rifampicine", *ANTICONVULSANTS), "avoid"), Split((), (), "precaution")),
    "ansm2020-1069": (Split((), ("ritonavir", "cobicistat"), "contraindicated"), Split((), (), "avoid")),
    "ansm2020-1093": QT_RULE,
    "ansm2020-1124": (Split((), ("bupropion",), "contraindicated"), Split((), (), "avoid")),
    "ansm2020-1151": (Split(MTOR, (), "avoid"), Split((), (), "precaution")),
    "ansm2020-1175": (Split(("rifampicine", *ANTICONVULSANTS), (), "contraindicated"), Split((), (), "avoid")),
    "ansm2020-1192": (Split(("rosuvastatine",), (), "contraindicated"), Split((), (), "precaution")),
    "ansm2020-1194": (Split(("simvastatine", "pitavastatine", "rosuvastatine"), (), "avoid"),),
    "ansm2020-1217": (
        Split(("osimertinib", "vandetanib"), (), None),
        Split(CAUTIOUS_KINASES, (), "avoid"),
        Split((), (), "precaution"),
    ),
    "ansm2020-1221": (Split(("ketoconazole",), (), "contraindicated"), Split((), (), "precaution")),
    "ansm2020-1237": (Split(PROTEASE, (), "avoid"), Split((), (), "precaution")),
    "ansm2020-1347": QT_RULE,
    "ansm2020-1417": QT_RULE,
    "ansm2020-1555": (Split(("raltegravir", "bictegravir", "dolutegravir"), (), "avoid"), Split((), (), "precaution")),
    "ansm2020-1557": (
        Split(QT_OTHERS, QT_OTHERS, "contraindicated"),
        Split(QT_RELAXED, QT_STRICT, "contraindicated"),
        Split(QT_RELAXED, (), "avoid"),
    ),
}

# A class that means a dose: the level of the rule for the lower dose, or the rule's own, marked as depending on it.
DOSE_DEPENDENT: dict[str, Level] = {
    "ansm2020-0018": "consider",
    "ansm2020-0184": "consider",
    "ansm2020-0793": "avoid",
    "ansm2020-1080": "consider",
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
