"""Which words of the thesaurus mean which mechanism or advice code; the first pattern that is found decides.

The texts of the codes, in Chinese and English, are our own and stand in `rules/knowledge/interactions`.
"""

import re

# code, pattern over the plain French text
MECHANISMS = (
    ("raised", r"concentrations de tolvaptan"),
    ("antagonism", r"reduction de l'effet vasodilatateur"),
    ("rebound-hypertension", r"arret brutal"),
    ("digoxin-hypokalaemia", r"effets toxiques des digitaliques"),
    ("skin-reaction", r"reactions cutanees|phlyctenes"),
    ("tendon", r"tendinopathie"),
    ("live-vaccine", r"maladie vaccinale|maladie generalisee"),
    ("disulfiram-reaction", r"antabuse"),
    ("angioedema", r"angio-?oedeme|angioedeme|angio-neurotique"),
    ("serotonin-syndrome", r"serotoninerg|agitation psychomotrice, convulsions|hyperthermie"),
    ("digoxin-lowered", r"diminution[^.]{0,30}digoxinemie"),
    ("digoxin-raised", r"digoxinemie|digitalique|effets de la digoxine"),
    ("lithium-lowered", r"diminution[^.]{0,30}lithemie"),
    ("lithium-raised", r"lithemie"),
    ("theophylline-lowered", r"diminution[^.]{0,60}(theophyllinemie|concentrations plasmatiques.{0,30}theophylline)"),
    ("theophylline-raised", r"theophyllin"),
    ("raised-qt", r"(concentrations|metabolisme|exposition).*(torsade|intervalle qt)"),
    ("qt", r"torsade|intervalle qt"),
    ("ergotism", r"ergotisme|necrose des extremites|spasme arteriel"),
    ("rhabdomyolysis", r"rhabdomyol|musculaires|toxicite des statines|hypolipemiant"),
    ("myopathy-neuropathy", r"myopathie"),
    ("opioid-antagonism", r"sevrage|blocage competitif"),
    (
        "raised-respiratory-depression",
        r"(metabolisme|concentrations).*depression respiratoire|depresseur respiratoire"
    ),
    ("respiratory-depression", r"depression respiratoire|arret respiratoire"),
    ("ventricular-arrhythmia", r"troubles du rythme|fibrillation|deux antiarythmiques"),
    (
        "antihypertensive-lowered",
        r"(diminution|reduction|inhibition)[^.]{0,30}(antihypertenseur|hypotenseur|effet diuretique)|"
        r"activite antihypertensive"
    ),
    (
        "hypertensive-crisis",
        r"hypertensi(ve|f)s?\b(?!.*anti)|vasoconstriction|hypertension (paroxystique|arterielle)|"
        r"\bpressives?\b|hypertension.{0,20}paroxystique"
    ),
    ("contraception", r"contracepti|progestatif|ulipristal|efficacite de la cyproterone|efficacite de l'estrogene"),
    ("hyperammonaemia", r"hyperammoni"),
    ("vka-raised", r"(augmentation|majoration|potentialisation)[^.]{0,40}l'effet de l'antivitamine k"),
    ("vka-lowered", r"diminution[^.]{0,30}l'effet de l'antivitamine k"),
    ("vka-changed", r"antivitamine k"),
    ("raised-bleeding", r"concentrations.*(saignement|hemorragi)|(saignement|hemorragi).*metabolisme"),
    ("bleeding", r"hemorragi|saignement|ulcerogene|thrombotique"),
    ("hyperkalaemia", r"hyperkali"),
    ("hypokalaemia", r"hypokali"),
    ("hyponatraemia", r"hyponatr"),
    ("hypocalcaemia", r"hypocalcemi"),
    ("hypercalcaemia", r"hypercalcemi"),
    ("lactic-acidosis", r"acidose lactique"),
    ("metabolic-alkalosis", r"alcalose"),
    ("methaemoglobinaemia", r"methemoglobin"),
    ("pulmonary-toxicity", r"pulmonaire"),
    ("methotrexate-raised", r"(toxicite|concentrations|excretion)[^.]{0,60}(methotrexate|pemetrexed)"),
    (
        "myelosuppression",
        r"hematologi|medullaire|neutropeni|myelosuppres|leucopeni|pancytopeni|agranulocyt|thrombopeni"
    ),
    ("nephrotoxicity", r"nephrotox|insuffisance renale|creatinin|toxicite renale|degradation de la fonction renale"),
    ("ototoxicity", r"ototox"),
    ("hepatotoxicity", r"hepatotox|hepatite"),
    ("neurotoxicity", r"neurotoxicite|neuropsychiques|effets neurologiques|troubles neurologiques|psychose"),
    ("neuropathy", r"neuropathi"),
    ("pancreatitis", r"pancreatite"),
    ("variable", r"variations? |risque de variation|variation des"),
    ("seizures", r"convuls|epilept|seuil"),
    ("hypoglycaemia-masked", r"masquer"),
    ("hypoglycaemia", r"hypoglycemi"),
    ("hyperglycaemia", r"glycemi|diabetogene"),
    ("heart-failure", r"inotrope|defaillance cardiaque|insuffisance cardiaque|contractilite"),
    ("bradycardia", r"bradycardi|conduction|automatisme"),
    ("hypotension", r"hypotensi|vasodilatat|antihypertenseur|collapsus|oedemes?\b"),
    ("raised-sedation", r"(concentrations|metabolisme).*sedati"),
    ("sedation", r"sedati|vigilance|somnolence|depression centrale|systeme nerveux|comportement|ebriete"),
    ("anticholinergic", r"atropini|akinesie colique|retention urinaire"),
    ("neuromuscular-block", r"curaris|curare|neuromusculaire|myastheni"),
    ("cholinergic", r"cholinergi|anticholinesterasique"),
    ("dopamine-antagonism", r"dopamin|levodopa|extrapyramid"),
    ("immunosuppression", r"immunodepres|immunosuppress(ion|eurs? excessif)|infections? graves|macrophages"),
    ("thyroid", r"thyroid|t3 et de la t4"),
    ("intracranial-hypertension", r"hypertension intracranienne"),
    ("hypervitaminosis-a", r"hypervitaminose"),
    ("b12-deficiency", r"cyanocobalamine"),
    ("folate-deficiency", r"megaloblastique|dihydrofolate"),
    ("colonic-necrosis", r"necrose colique"),
    ("teratogen", r"teratogene"),
    ("gallstones", r"lithiase"),
    (
        "absorption-lowered",
        r"absorption.{0,40}ph|(diminution|baisse|reduction)[^.]{0,60}(absorption|biodisponibilite|"
        r"resorption)|chelat|malabsorption"
    ),
    ("absorption-raised", r"(augmentation|majoration)[^.]{0,40}(absorption|biodisponibilite)|passage systemique"),
    (
        "prodrug-not-activated",
        r"metabolite actif par|inhibition de (la formation|sa transformation)|inefficacite de l'opiace"
    ),
    (
        "raised-by-inhibition",
        r"(augment|majorat|doublement|surdosage|toxicite|effets indesirables)[^.]*(inhib|diminution (de|"
        r"du) (son |sa |leur |la )?(metabolisme|elimination|clairance|excretion|catabolisme))"
    ),
    (
        "lowered-by-induction",
        r"(diminu|reduct|perte|baisse|inefficac|moindre|echec)[^.]*(augmentation (de|du) (son |"
        r"leur )?(metabolisme|catabolisme)|induct|millepertuis|rifamp|carbamaz|pheny|efavirenz|"
        r"enzymatique)"
    ),
    (
        "raised",
        r"augmentation[^.]{0,60}(concentration|taux|exposition|fraction|demi-vie)|doublement|surdosage|"
        r"effets indesirables|toxicite|majoration de|renforcement"
    ),
    ("lowered", r"diminution|baisse|moindre|perte d|inefficac|reduction|echec|deux-tiers"),
    ("antagonism", r"antagonis"),
    ("additive", r"addition|potentialisation|synergi|augmentation|risque accru|majoration"),
)  # fmt: skip

ADVICES = (
    ("also-after-stopping", r"(mois|semaines|jours) suivant l'arret|apres l'arret du traitement$"),
    ("no-alcohol", r"alcoolis"),
    ("other-statin", r"autre ?statine|autrestatine|inhibiteur de l'hmg"),
    ("space-doses", r"a ?distance|intervalle|plus de ?(2|deux) ?heures|2 heures avant|4 heures"),
    ("monitor-inr", r"\binr\b"),
    ("monitor-lithium", r"lithemie"),
    ("monitor-theophylline", r"theophyllinemie"),
    ("monitor-digoxin", r"digoxinemie"),
    ("monitor-level", r"dosages? |concentrations ?(plasmatiques|sanguines)|dosages? ?plasmatiques?|desconcentrations"),
    ("monitor-ecg", r"\becg\b|electrocardiogra|\bqt\b"),
    ("monitor-potassium", r"kaliemie"),
    ("monitor-renal", r"fonction ?renale|lafonction renale|creatinin|hydrat"),
    ("monitor-blood-count", r"hemogramme|hematologi|\bnfs\b"),
    ("monitor-glucose", r"glycemi|autosurveillance|sanguine et urinaire"),
    ("monitor-bp", r"pression arterielle|tension ?arterielle|antihypertenseur"),
    ("monitor-calcium", r"calcemie"),
    ("monitor-liver", r"hepatique|transaminases"),
    ("monitor-thyroid", r"thyroid"),
    ("extra-contraception", r"contracepti|preservatif|type ?mecanique"),
    ("warn-driving", r"conduite|machines"),
    ("dose-increase", r"augmentation[^.]{0,30}(posologie|dose)|augmenter"),
    (
        "dose-reduce",
        r"reduire|reduction|diminuer|doses? plus faibles|limiter|ne pas depasser|posologies minimales|"
        r"diminution de la (dose|posologie)|debuter"
    ),
    ("alternative", r"preferer|utiliser[^.]{0,30}autre|alternative|autre ?classe|passer eventuellement"),
    ("tell-anaesthetist", r"anesthesi"),
    ("dose-adjust", r"adapt"),
    ("monitor-laboratory", r"biologique"),
    ("monitor-clinical", r"surveill|controle|observer|prudence"),
    ("specialist-only", r"controle medical strict|evaluer attentivement"),
)  # fmt: skip

# Rules whose advice needs the drug in its words: how many hours apart, which test and when. Not where levels differ.
ADVICE: dict[str, tuple[str, ...]] = {
    "ansm2020-0043": ("afatinib-6h",),
    "ansm2020-0045": ("afatinib-6h",),
    "ansm2020-0046": ("afatinib-6h",),
    "ansm2020-0047": ("afatinib-6h",),
    "ansm2020-0048": ("afatinib-6h",),
    "ansm2020-0049": ("afatinib-6h",),
    "ansm2020-0052": ("afatinib-6h",),
    "ansm2020-0070": ("do-not-combine", "triptan-24h"),
    "ansm2020-0106": ("warfarin-reduce",),
    "ansm2020-0112": ("digoxin-halve",),
    "ansm2020-0176": ("avoid", "watch-bleeding-signs"),
    "ansm2020-0218": ("watch-bleeding-signs",),
    "ansm2020-0219": ("switch-anticoagulant",),
    "ansm2020-0301": ("rilpivirine-h2",),
    "ansm2020-0316": ("velpatasvir-ppi",),
    "ansm2020-0488": ("bisphosphonate-30min",),
    "ansm2020-0489": ("bisphosphonate-30min",),
    "ansm2020-0501": ("avoid", "fingolimod-first-dose"),
    "ansm2020-0534": ("caffeine-24h",),
    "ansm2020-0541": ("quinolone-2h",),
    "ansm2020-0542": ("tetracycline-2h",),
    "ansm2020-0547": ("thyroid-4h",),
    "ansm2020-0549": ("quinolone-2h",),
    "ansm2020-0616": ("orlistat-3h",),
    "ansm2020-0626": ("sirolimus-4h",),
    "ansm2020-0664": ("monitor-ck",),
    "ansm2020-0703": ("monitor-ck",),
    "ansm2020-0705": ("monitor-ck",),
    "ansm2020-0722": ("tetracycline-2h",),
    "ansm2020-0724": ("tetracycline-2h",),
    "ansm2020-0726": ("tetracycline-2h",),
    "ansm2020-0789": ("do-not-combine", "nitrate-48h"),
    "ansm2020-0803": ("avoid", "digoxin-halve"),
    "ansm2020-0805": ("digoxin-halve",),
    "ansm2020-0816": ("digoxin-halve",),
    "ansm2020-0824": ("digoxin-halve",),
    "ansm2020-0830": ("do-not-combine",),
    "ansm2020-0931": ("do-not-combine",),
    "ansm2020-0937": ("monitor-ck",),
    "ansm2020-0975": ("quinolone-2h",),
    "ansm2020-0976": ("thyroid-4h",),
    "ansm2020-0998": ("monitor-level",),
    "ansm2020-1015": ("quinolone-2h",),
    "ansm2020-1016": ("quinolone-2h",),
    "ansm2020-1017": ("quinolone-2h",),
    "ansm2020-1085": ("thyroid-4h",),
    "ansm2020-1088": ("thyroid-4h",),
    "ansm2020-1094": ("potassium-first",),
    "ansm2020-1107": ("watch-serotonin",),
    "ansm2020-1121": ("watch-serotonin",),
    "ansm2020-1193": ("monitor-ck",),
    "ansm2020-1257": ("watch-serotonin", "monitor-lithium"),
    "ansm2020-1258": ("watch-serotonin",),
    "ansm2020-1266": ("liver-2-weeks",),
    "ansm2020-1267": ("liver-2-weeks",),
    "ansm2020-1297": ("lamotrigine-halve",),
    "ansm2020-1319": ("monitor-lithium", "monitor-clinical"),
    "ansm2020-1321": ("monitor-lithium",),
    "ansm2020-1322": ("monitor-lithium",),
    "ansm2020-1342": ("contrast-48h",),
    "ansm2020-1462": ("avoid", "valproate-carbapenem"),
    "ansm2020-1469": ("monitor-level",),
    "ansm2020-1475": ("monitor-level",),
    "ansm2020-1479": ("do-not-combine",),
}

# Where the text names only what may happen, or a pattern finds a word that is not the reason: read one by one.
READ_BY_HAND = {
    "absorption-lowered": "0978 1312",
    "antagonism": "1404",
    "dopamine-antagonism": "0290",
    "hepatotoxicity": "0038",
    "hypertensive-crisis": "0072",
    "immunosuppression": "0142 0143",
    "lithium-raised": "0536",
    "lowered-by-induction": "0228 0241 0243 0245 0250 0252 0270 1160 1203 1344",
    "myelosuppression": "0583 0637",
    "neuromuscular-block": "0214",
    "other": "0028 0029",
    "qt-hypokalaemia": "1094",
    "raised": "0062 0391",
    "raised-bleeding": "0751",
    "raised-by-inhibition": "0266 0513 0554 0584 0593 0639 0641 0718 1357",
    "raised-sedation": "0587 0635",
    "variable": "0654",
}
MECHANISM = {f"ansm2020-{number}": code for code, numbers in READ_BY_HAND.items() for number in numbers.split()}

BASE_ADVICE = {"contraindicated": "do-not-combine", "avoid": "avoid", "precaution": "", "consider": "be-aware"}
UNSPECIFIED = "use-with-care"  # a precaution whose words no pattern knows


def mechanism(text: str) -> str:
    """The mechanism code of a plain French text; `other` where no pattern is found."""
    return next((code for code, pattern in MECHANISMS if re.search(pattern, text)), "other")


def advice(level: str, text: str) -> tuple[str, ...]:
    """The advice codes of a rule at a level: what the level asks for, then what the text adds."""
    specific = next((code for code, pattern in ADVICES if re.search(pattern, text)), "")
    base = BASE_ADVICE[level]
    return tuple(code for code in (base, specific) if code) or (UNSPECIFIED,)
