"""The thesaurus's classes: our id, and the name in Chinese and English; "other ..." classes are the class itself.

Classes "including eye drops" are marked: only they hold for forms that act locally.
"""

from typing import NamedTuple


class Named(NamedTuple):
    """A class as we call it. `local`: its rules hold for eye drops as well."""

    id: str
    zh: str
    en: str
    local: bool = False


CLASSES: dict[str, Named] = {
    "adrenaline (voie bucco-dentaire ou sous-cutanee)": Named(
        "epinephrine-local-anaesthesia", "肾上腺素(口腔局麻或皮下)", "epinephrine (dental or subcutaneous)"
    ),
    "alcalinisants urinaires": Named("urinary-alkalinisers", "尿液碱化药", "urinary alkalinizers"),
    "alcaloides de l'ergot de seigle dopaminergiques": Named(
        "ergot-dopaminergic", "多巴胺能麦角生物碱", "dopaminergic ergot alkaloids"
    ),
    "alcaloides de l'ergot de seigle vasoconstricteurs": Named(
        "ergot-vasoconstrictor", "缩血管麦角生物碱", "vasoconstrictor ergot alkaloids"
    ),
    "alphabloquants a visee urologique": Named(
        "alpha-blockers-urological", "泌尿科α受体阻滞剂", "alpha-blockers (urological)"
    ),
    "aluminium (sels)": Named("aluminium-salts", "铝盐", "aluminium salts"),
    "aminosides": Named("aminoglycosides", "氨基糖苷类", "aminoglycosides"),
    "analgesiques morphiniques agonistes": Named("opioid-agonists", "阿片受体激动镇痛药", "opioid agonist analgesics"),
    "analgesiques morphiniques de palier ii": Named("opioids-step-2", "二阶梯阿片类镇痛药", "WHO step-2 opioids"),
    "analgesiques morphiniques de palier iii": Named("opioids-step-3", "三阶梯阿片类镇痛药", "WHO step-3 opioids"),
    "analogues de la somatostatine": Named("somatostatin-analogues", "生长抑素类似物", "somatostatin analogues"),
    "androgenes": Named("androgens", "雄激素", "androgens"),
    "anesthesiques volatils halogenes": Named(
        "volatile-anaesthetics", "卤代吸入麻醉药", "halogenated volatile anaesthetics"
    ),
    "antabuse (reaction)": Named("disulfiram-like", "双硫仑样反应药物", "drugs with disulfiram-like reaction"),
    "antagonistes des canaux calciques": Named("calcium-channel-blockers", "钙通道阻滞剂", "calcium channel blockers"),
    "antagonistes des recepteurs de l'angiotensine ii": Named(
        "arbs", "血管紧张素II受体拮抗剂(ARB)", "angiotensin II receptor blockers"
    ),
    "anti-inflammatoires non steroidiens": Named("nsaids", "非甾体抗炎药", "NSAIDs"),
    "anti-tnf alpha": Named("anti-tnf", "TNF-α抑制剂", "anti-TNF alpha"),
    "antiagregants plaquettaires": Named("antiplatelets", "抗血小板药", "antiplatelet agents"),
    "antiarythmiques": Named("antiarrhythmics", "抗心律失常药", "antiarrhythmics"),
    "antiarythmiques classe ia": Named("antiarrhythmics-1a", "Ia类抗心律失常药", "class Ia antiarrhythmics"),
    "anticholinesterasiques": Named("cholinesterase-inhibitors", "胆碱酯酶抑制剂", "cholinesterase inhibitors"),
    "anticoagulants oraux": Named("oral-anticoagulants", "口服抗凝药", "oral anticoagulants"),
    "anticonvulsivants inducteurs enzymatiques": Named(
        "inducing-anticonvulsants", "酶诱导型抗癫痫药", "enzyme-inducing anticonvulsants"
    ),
    "anticonvulsivants metabolises": Named(
        "metabolised-anticonvulsants", "经肝代谢抗癫痫药", "metabolised anticonvulsants"
    ),
    "anticorps monoclonaux (hors anti-tnf alpha)": Named(
        "monoclonal-antibodies", "单克隆抗体(除TNF-α抑制剂)", "monoclonal antibodies (except anti-TNF)"
    ),
    "antidepresseurs imipraminiques": Named("tricyclics", "三环类抗抑郁药", "tricyclic antidepressants"),
    "antihypertenseurs alpha-bloquants": Named(
        "alpha-blockers-antihypertensive", "降压用α受体阻滞剂", "antihypertensive alpha-blockers"
    ),
    "antihypertenseurs centraux": Named(
        "central-antihypertensives", "中枢性降压药", "centrally acting antihypertensives"
    ),
    "antihypertenseurs sauf alpha-bloquants": Named(
        "antihypertensives-not-alpha-blockers", "除α阻滞剂外的降压药", "antihypertensives except alpha-blockers"
    ),
    "antiparasitaires susceptibles de donner des torsades de pointes": Named(
        "torsadogenic-antiparasitics", "可致尖端扭转型室速的抗寄生虫药", "torsadogenic antiparasitics"
    ),
    "antiparkinsoniens anticholinergiques": Named(
        "anticholinergic-antiparkinsonians", "抗胆碱能抗帕金森药", "anticholinergic antiparkinsonians"
    ),
    "antiparkinsoniens dopaminergiques": Named(
        "dopaminergic-antiparkinsonians", "多巴胺能抗帕金森药", "dopaminergic antiparkinsonians"
    ),
    "antipurines": Named("purine-antagonists", "嘌呤拮抗剂", "purine antagonists"),
    "antisecretoires antihistaminiques h2": Named("h2-blockers", "H2受体拮抗剂", "H2-receptor antagonists"),
    "antisecretoires inhibiteurs de la pompe a protons": Named("ppis", "质子泵抑制剂", "proton pump inhibitors"),
    "antiseptiques mercuriels": Named("mercurial-antiseptics", "含汞消毒剂", "mercurial antiseptics"),
    "antispasmodiques urinaires": Named("urinary-antispasmodics", "泌尿解痉药", "urinary antispasmodics"),
    "antitussifs morphine-like": Named("antitussives-morphine-like", "吗啡样镇咳药", "morphine-like antitussives"),
    "antitussifs morphiniques vrais": Named("antitussives-opioid", "阿片类镇咳药", "opioid antitussives"),
    "antivitamines k": Named("vitamin-k-antagonists", "维生素K拮抗剂", "vitamin K antagonists"),
    "autres medicaments agissant sur l'hemostase": Named(
        "drugs-acting-on-haemostasis", "影响止血的药物", "drugs acting on haemostasis"
    ),
    "barbituriques": Named("barbiturates", "巴比妥类", "barbiturates"),
    "benzodiazepines et apparentes": Named("benzodiazepines", "苯二氮䓬类及类似药", "benzodiazepines and Z-drugs"),
    "beta-2 mimetiques": Named("beta2-agonists", "β2受体激动剂", "beta-2 agonists"),
    "beta-bloquants (sauf esmolol et sotalol) (y compris collyres)": Named(
        "beta-blockers-not-esmolol-sotalol",
        "β受体阻滞剂(除艾司洛尔、索他洛尔;含滴眼剂)",
        "beta-blockers (except esmolol, sotalol; incl. eye drops)",
        True,
    ),
    "beta-bloquants (sauf esmolol) (y compris collyres)": Named(
        "beta-blockers-not-esmolol",
        "β受体阻滞剂(除艾司洛尔;含滴眼剂)",
        "beta-blockers (except esmolol; incl. eye drops)",
        True,
    ),
    "beta-bloquants dans l'insuffisance cardiaque": Named(
        "beta-blockers-heart-failure", "心衰用β受体阻滞剂", "beta-blockers used in heart failure"
    ),
    "beta-bloquants non cardio-selectifs (y compris collyres)": Named(
        "beta-blockers-non-selective",
        "非选择性β受体阻滞剂",
        "non-cardioselective beta-blockers (incl. eye drops)",
        True,
    ),
    "bisphosphonates": Named("bisphosphonates", "双膦酸盐", "bisphosphonates"),
    "bradycardisants": Named("bradycardic", "致心动过缓药物", "bradycardic drugs"),
    "citrates": Named("citrates", "枸橼酸盐", "citrates"),
    "corticoides": Named("corticosteroids", "糖皮质激素", "corticosteroids"),
    "corticoides metabolises, notamment inhales": Named(
        "metabolised-corticosteroids",
        "经CYP3A4代谢的糖皮质激素(含吸入)",
        "metabolised corticosteroids, inhaled ones included",
    ),
    "curares": Named("neuromuscular-blockers", "神经肌肉阻滞剂", "neuromuscular blockers"),
    "curares non depolarisants": Named(
        "non-depolarising-blockers", "非去极化肌松药", "non-depolarising neuromuscular blockers"
    ),
    "cyclines": Named("tetracyclines", "四环素类", "tetracyclines"),
    "cytotoxiques": Named("cytotoxics", "细胞毒药物", "cytotoxics"),
    "derives de l'acide aminosalicylique (asa)": Named("aminosalicylates", "氨基水杨酸类", "aminosalicylates"),
    "derives nitres et apparentes": Named("nitrates", "硝酸酯类", "nitrates and related"),
    "dihydropyridines": Named("dihydropyridines", "二氢吡啶类", "dihydropyridines"),
    "diuretiques": Named("diuretics", "利尿剂", "diuretics"),
    "diuretiques de l'anse": Named("loop-diuretics", "袢利尿剂", "loop diuretics"),
    "diuretiques epargneurs de potassium (seuls ou associes)": Named(
        "potassium-sparing-diuretics", "保钾利尿剂", "potassium-sparing diuretics"
    ),
    "diuretiques hypokaliemiants": Named(
        "potassium-depleting-diuretics", "排钾利尿剂", "potassium-depleting diuretics"
    ),
    "diuretiques thiazidiques et apparentes": Named(
        "thiazides", "噻嗪类及类似利尿剂", "thiazide and related diuretics"
    ),
    "dopaminergiques": Named("dopaminergics", "多巴胺能药物", "dopaminergic drugs"),
    "dopaminergiques, hors parkinson": Named(
        "dopaminergics-not-parkinson", "多巴胺能药物(非帕金森病用)", "dopaminergic drugs outside Parkinson disease"
    ),
    "estrogenes non contraceptifs": Named(
        "oestrogens-not-contraceptive", "非避孕用雌激素", "oestrogens, not contraceptive"
    ),
    "estroprogestatifs contraceptifs": Named(
        "combined-contraceptives", "复方雌孕激素避孕药", "combined hormonal contraceptives"
    ),
    "fibrates": Named("fibrates", "贝特类", "fibrates"),
    "fluoroquinolones": Named("fluoroquinolones", "氟喹诺酮类", "fluoroquinolones"),
    "fluorouracile (et, par extrapolation, autres fluoropyrimidines)": Named(
        "fluoropyrimidines", "氟嘧啶类", "fluoropyrimidines"
    ),
    "folates": Named("folates", "叶酸类", "folates"),
    "glecaprevir + pibrentasvir": Named("glecaprevir-pibrentasvir", "格卡瑞韦哌仑他韦", "glecaprevir and pibrentasvir"),
    "glinides": Named("glinides", "格列奈类", "glinides"),
    "gliptines": Named("dpp4-inhibitors", "DPP-4抑制剂", "DPP-4 inhibitors"),
    "globulines antilymphocytaires": Named("antilymphocyte-globulins", "抗淋巴细胞球蛋白", "antilymphocyte globulins"),
    "glucocorticoides (sauf hydrocortisone)": Named(
        "glucocorticoids", "糖皮质激素(除氢化可的松)", "glucocorticoids (except hydrocortisone)"
    ),
    "grazoprevir + elbasvir": Named("grazoprevir-elbasvir", "格拉瑞韦艾尔巴韦", "grazoprevir and elbasvir"),
    "heparines": Named("heparins", "肝素类", "heparins"),
    "hormones thyroidiennes": Named("thyroid-hormones", "甲状腺激素", "thyroid hormones"),
    "huiles minerales": Named("mineral-oils", "矿物油", "mineral oils"),
    "hyperkaliemiants": Named("hyperkalaemic", "致高钾血症药物", "hyperkalaemic drugs"),
    "hypnotiques": Named("hypnotics", "催眠药", "hypnotics"),
    "hypokaliemiants": Named("hypokalaemic", "致低钾血症药物", "hypokalaemic drugs"),
    "hyponatremiants": Named("hyponatraemic", "致低钠血症药物", "hyponatraemic drugs"),
    "imao irreversibles": Named("maoi-irreversible", "不可逆单胺氧化酶抑制剂", "irreversible MAO inhibitors"),
    "imao-a reversibles, y compris oxazolidinones et bleu de methylene": Named(
        "maoi-a-reversible",
        "可逆MAO-A抑制剂(含噁唑烷酮类、亚甲蓝)",
        "reversible MAO-A inhibitors incl. oxazolidinones and methylene blue",
    ),
    "imao-b": Named("maoi-b", "MAO-B抑制剂", "MAO-B inhibitors"),
    "immunosuppresseurs": Named("immunosuppressants", "免疫抑制剂", "immunosuppressants"),
    "inducteurs enzymatiques": Named("enzyme-inducers", "酶诱导剂", "enzyme inducers"),
    "inhibiteurs d'integrase": Named("integrase-inhibitors", "整合酶抑制剂", "integrase inhibitors"),
    "inhibiteurs de l'enzyme de conversion": Named("ace-inhibitors", "血管紧张素转换酶抑制剂(ACEI)", "ACE inhibitors"),
    "inhibiteurs de l'hmg-coa reductase (statines)": Named("statins", "他汀类", "statins"),
    "inhibiteurs de la 5-alpha reductase": Named(
        "five-alpha-reductase-inhibitors", "5α还原酶抑制剂", "5-alpha-reductase inhibitors"
    ),
    "inhibiteurs de la catechol-o-methyltransferase (comt)": Named("comt-inhibitors", "COMT抑制剂", "COMT inhibitors"),
    "inhibiteurs de la phosphodiesterase de type 5": Named("pde5-inhibitors", "5型磷酸二酯酶抑制剂", "PDE5 inhibitors"),
    "inhibiteurs de la xanthine oxydase": Named(
        "xanthine-oxidase-inhibitors", "黄嘌呤氧化酶抑制剂", "xanthine oxidase inhibitors"
    ),
    "inhibiteurs de proteases boostes par ritonavir": Named(
        "boosted-protease-inhibitors", "利托那韦增强蛋白酶抑制剂", "ritonavir-boosted protease inhibitors"
    ),
    "inhibiteurs de tyrosine kinases metabolises": Named(
        "tyrosine-kinase-inhibitors", "经代谢酪氨酸激酶抑制剂", "metabolised tyrosine kinase inhibitors"
    ),
    "inhibiteurs directs de la thrombine a indication specifique": Named(
        "direct-thrombin-inhibitors-iv", "注射用直接凝血酶抑制剂", "direct thrombin inhibitors (parenteral)"
    ),
    "inhibiteurs puissants du cyp3a4": Named("strong-cyp3a4-inhibitors", "CYP3A4强抑制剂", "strong CYP3A4 inhibitors"),
    "inhibiteurs selectifs de la recapture de la serotonine": Named("ssris", "选择性5-HT再摄取抑制剂(SSRI)", "SSRIs"),
    "insuline": Named("insulins", "胰岛素", "insulin"),
    "ivacaftor (seul ou associe)": Named("ivacaftor-combinations", "依伐卡托类", "ivacaftor, alone or combined"),
    "laxatifs (type macrogol)": Named("laxatives-macrogol", "聚乙二醇类泻药", "macrogol laxatives"),
    "lincosanides": Named("lincosamides", "林可酰胺类", "lincosamides"),
    "macrolides (sauf spiramycine)": Named("macrolides", "大环内酯类(除螺旋霉素)", "macrolides (except spiramycin)"),
    "medicaments a l'origine d'un hypogonadisme masculin": Named(
        "androgen-deprivation", "致男性性腺功能减退药物", "drugs causing male hypogonadism"
    ),
    "medicaments a l'origine d'un syndrome serotoninergique": Named(
        "serotonergic", "致5-羟色胺综合征药物", "serotonergic drugs"
    ),
    "medicaments a l'origine d'une hypotension orthostatique": Named(
        "orthostatic-hypotension", "致体位性低血压药物", "drugs causing orthostatic hypotension"
    ),
    "medicaments a risque lors du sevrage tabagique": Named(
        "affected-by-smoking-cessation", "戒烟时浓度变化的药物", "drugs affected by smoking cessation"
    ),
    "medicaments abaissant la pression arterielle": Named(
        "blood-pressure-lowering", "降低血压药物", "blood-pressure-lowering drugs"
    ),
    "medicaments abaissant le seuil epileptogene": Named(
        "seizure-threshold-lowering", "降低惊厥阈药物", "seizure-threshold-lowering drugs"
    ),
    "medicaments atropiniques": Named("antimuscarinics", "抗胆碱(阿托品样)药物", "antimuscarinic drugs"),
    "medicaments methemoglobinisants": Named(
        "methaemoglobin-forming", "致高铁血红蛋白血症药物", "methaemoglobin-inducing drugs"
    ),
    "medicaments mixtes adrenergiques-serotoninergiques": Named(
        "snris-and-mixed", "5-HT/NE双重作用药物", "SNRIs and mixed agents"
    ),
    "medicaments nephrotoxiques": Named("nephrotoxic", "肾毒性药物", "nephrotoxic drugs"),
    "medicaments ototoxiques": Named("ototoxic", "耳毒性药物", "ototoxic drugs"),
    "medicaments sedatifs": Named("sedatives", "镇静药物", "sedative drugs"),
    "mineralocorticoides": Named("mineralocorticoids", "盐皮质激素", "mineralocorticoids"),
    "morphiniques": Named("opioids", "阿片类", "opioids"),
    "morphiniques agonistes-antagonistes": Named(
        "opioid-agonist-antagonists", "阿片激动-拮抗药", "mixed opioid agonist-antagonists"
    ),
    "morphiniques antagonistes partiels": Named(
        "opioid-antagonists-partial", "阿片受体(部分)拮抗剂", "partial opioid antagonists"
    ),
    "morphiniques en traitement de substitution": Named("opioid-substitution", "阿片替代治疗药", "opioid substitution"),
    "neuroleptiques": Named("neuroleptics", "抗精神病药", "antipsychotics (neuroleptics)"),
    "neuroleptiques antiemetiques": Named("antiemetic-neuroleptics", "止吐类神经阻滞剂", "antiemetic neuroleptics"),
    "neuroleptiques antipsychotiques (sauf clozapine)": Named(
        "antipsychotics-not-clozapine", "抗精神病药(除氯氮平)", "antipsychotics (except clozapine)"
    ),
    "neuroleptiques susceptibles de donner des torsades de pointes": Named(
        "torsadogenic-neuroleptics", "可致尖端扭转型室速的抗精神病药", "torsadogenic neuroleptics"
    ),
    "ombitasvir + paritaprevir": Named("ombitasvir-paritaprevir", "奥比他韦帕立瑞韦", "ombitasvir and paritaprevir"),
    "organoplatines": Named("platinum-compounds", "铂类", "platinum compounds"),
    "penems": Named("carbapenems", "碳青霉烯类", "carbapenems"),
    "penicillines": Named("penicillins", "青霉素类", "penicillins"),
    "penicillines a": Named("aminopenicillins", "氨基青霉素类", "aminopenicillins"),
    "phenobarbital (et, par extrapolation, primidone)": Named(
        "phenobarbital-primidone", "苯巴比妥/扑米酮", "phenobarbital, primidone"
    ),
    "phenytoine (et, par extrapolation, fosphenytoine)": Named(
        "phenytoin-fosphenytoin", "苯妥英/磷苯妥英", "phenytoin, fosphenytoin"
    ),
    "piperacilline/tazobactam": Named("piperacillin-tazobactam", "哌拉西林他唑巴坦", "piperacillin and tazobactam"),
    "produits de contraste iodes": Named("iodinated-contrast", "碘对比剂", "iodinated contrast media"),
    "progestatifs contraceptifs": Named("progestogen-contraceptives", "孕激素避孕药", "progestogen contraceptives"),
    "progestatifs non contraceptifs, associes ou non a un estrogene": Named(
        "progestogens-not-contraceptive", "非避孕用孕激素", "progestogens, not contraceptive"
    ),
    "resines chelatrices": Named("ion-exchange-resins", "螯合树脂类", "bile-acid/ion-exchange resins"),
    "retinoides": Named("retinoids", "维A酸类", "retinoids"),
    "spermicides": Named("spermicides", "杀精剂", "spermicides"),
    "substances a absorption reduite par les topiques gastro-intestinaux, antiacides et adsorbants": Named(
        "absorption-reduced-by-antacids",
        "吸收受抗酸吸附剂影响的药物",
        "drugs with absorption reduced by antacids/adsorbents",
    ),
    "substances susceptibles de donner des torsades de pointes": Named(
        "torsadogenic", "可致尖端扭转型室速药物", "torsadogenic substances"
    ),
    "substrats a risque du cyp3a4": Named("cyp3a4-substrates", "CYP3A4高风险底物", "at-risk CYP3A4 substrates"),
    "sulfamethoxazole + trimethoprime": Named("co-trimoxazole", "复方磺胺甲噁唑", "co-trimoxazole"),
    "sulfamides antibacteriens": Named("antibacterial-sulfonamides", "磺胺类抗菌药", "antibacterial sulfonamides"),
    "sulfamides hypoglycemiants": Named("sulfonylureas", "磺脲类降糖药", "sulfonylureas"),
    "sympathomimetiques alpha (voies orale et/ou nasale)": Named(
        "alpha-sympathomimetics", "α拟交感药(口服/鼻用)", "alpha sympathomimetics (oral/nasal)"
    ),
    "sympathomimetiques alpha et beta (voie im et iv)": Named(
        "alpha-beta-sympathomimetics", "α/β拟交感药(肌注/静注)", "alpha/beta sympathomimetics (IM/IV)"
    ),
    "sympathomimetiques indirects": Named("indirect-sympathomimetics", "间接拟交感药", "indirect sympathomimetics"),
    "theophylline (et, par extrapolation, aminophylline)": Named(
        "theophylline-aminophylline", "茶碱(含氨茶碱)", "theophylline (aminophylline)"
    ),
    "thrombolytiques": Named("thrombolytics", "溶栓药", "thrombolytics"),
    "topiques gastro-intestinaux, antiacides et adsorbants": Named(
        "antacids-adsorbents", "胃肠局部用药、抗酸药及吸附剂", "antacids and adsorbents"
    ),
    "torsadogenes (sauf arsenieux, antiparasitaires, neuroleptiques, methadone...)": Named(
        "torsadogenic-other", "致尖端扭转型室速药物(除外若干)", "torsadogenic drugs (with exclusions)"
    ),
    "traitements de substitution nicotinique": Named("nicotine-replacement", "尼古丁替代治疗", "nicotine replacement"),
    "triptans": Named("triptans", "曲普坦类", "triptans"),
    "triptans metabolises par la mao": Named("triptans-mao", "经MAO代谢的曲普坦类", "triptans metabolised by MAO"),
    "triptans non metabolises par la mao": Named(
        "triptans-not-mao", "不经MAO代谢的曲普坦类", "triptans not metabolised by MAO"
    ),
    "vaccins vivants attenues": Named("live-vaccines", "减毒活疫苗", "live attenuated vaccines"),
    "valproique (acide) et, par extrapolation, valpromide": Named("valproate", "丙戊酸类", "valproate"),
    "vinca-alcaloides cytotoxiques": Named("vinca-alkaloids", "长春碱类", "vinca alkaloids"),
    "vitamine d": Named("vitamin-d", "维生素D", "vitamin D"),
}

# Classes of the thesaurus that are another class under a second name.
SAME_CLASS: dict[str, str] = {
    "autres aminosides": "aminosides",
    "autres analgesiques morphiniques agonistes": "analgesiques morphiniques agonistes",
    "autres anti-inflammatoires non steroidiens": "anti-inflammatoires non steroidiens",
    "autres antiarythmiques": "antiarythmiques",
    "autres anticoagulants oraux": "anticoagulants oraux",
    "autres bradycardisants": "bradycardisants",
    "autres diuretiques epargneurs de potassium (seuls ou associes)": (
        "diuretiques epargneurs de potassium (seuls ou associes)"
    ),
    "autres hyperkaliemiants": "hyperkaliemiants",
    "autres hypnotiques": "hypnotiques",
    "autres hypokaliemiants": "hypokaliemiants",
    "autres medicaments a l'origine d'un syndrome serotoninergique": (
        "medicaments a l'origine d'un syndrome serotoninergique"
    ),
    "autres medicaments abaissant le seuil epileptogene": "medicaments abaissant le seuil epileptogene",
    "autres medicaments anticholinesterasiques": "anticholinesterasiques",
    "autres medicaments atropiniques": "medicaments atropiniques",
    "autres medicaments hyponatremiants": "hyponatremiants",
    "autres medicaments methemoglobinisants": "medicaments methemoglobinisants",
    "autres medicaments nephrotoxiques": "medicaments nephrotoxiques",
    "autres medicaments ototoxiques": "medicaments ototoxiques",
    "autres medicaments sedatifs": "medicaments sedatifs",
    "autres retinoides": "retinoides",
    "autres sympathomimetiques indirects": "sympathomimetiques indirects",
    "fibrates (autres)": "fibrates",
    "heparines (doses curatives et/ou sujet age)": "heparines",
    "heparines (doses preventives)": "heparines",
}
