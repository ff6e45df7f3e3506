"""The columns of a resident: names, units and plausible ranges, the same for every risk model and equation.

A column that a model does not know is ignored; a value that is absent, None or nan is missing, never normal.
Drugs are counted by substance: `antihypertensives` are those of ATC C02, C03, C07, C08 and C09 taken now.
Ranges are wide on purpose: they catch units and slips, not illness. Set by the project; needs clinical review.
"""

from cdss.models.plausible import Quantity, yes_no

CHOLESTEROL_MG_DL = 0.02586  # mmol/L in 1 mg/dL, molar mass 386.7
TRIGLYCERIDES_MG_DL = 0.01129  # 885.7
GLUCOSE_MG_DL = 1 / 18.016  # 180.16
CREATININE_MG_DL = 88.4  # umol/L in 1 mg/dL, 113.12
URIC_ACID_MG_DL = 59.48  # 168.11
UREA_NITROGEN_MG_DL = 0.357  # mmol/L in 1 mg/dL of nitrogen, 28.01
KPA = 7.50062  # mm[Hg] in 1 kPa

RESIDENT = {
    "age": Quantity("年龄", "age", "a", 0, 120),
    "sex": yes_no("女性", "female"),
    "asian": yes_no("亚裔", "Asian"),
    "pregnant": yes_no("妊娠", "pregnant"),
    "height_cm": Quantity("身高", "height", "cm", 100, 230, {"m": 100, "[in_i]": 2.54}),
    "weight_kg": Quantity("体重", "weight", "kg", 25, 300),
    "bmi": Quantity("体重指数", "BMI", "kg/m2", 10, 95),
    "waist_cm": Quantity("腰围", "waist", "cm", 40, 200, {"m": 100, "[in_i]": 2.54}),
    "sbp": Quantity("收缩压", "systolic pressure", "mm[Hg]", 50, 270, {"kPa": KPA}),
    "dbp": Quantity("舒张压", "diastolic pressure", "mm[Hg]", 20, 170, {"kPa": KPA}),
    "pulse": Quantity("脉率", "pulse", "/min", 25, 220),
    "smoking": yes_no("现在吸烟", "smokes now"),
    "hypertension": yes_no("高血压史", "known hypertension"),
    "bp_medication": yes_no("正在服降压药", "on blood-pressure tablets"),
    "statin": yes_no("正在服他汀", "on a statin"),
    "antihypertensives": Quantity("降压药种数", "blood-pressure drugs taken", "1", 0, 12),
    "medicines": Quantity("用药种数", "medicines taken", "1", 0, 60),
    "diabetes": yes_no("糖尿病史", "known diabetes"),
    "cvd": yes_no("心血管病史", "known cardiovascular disease"),
    "family_diabetes": yes_no("糖尿病家族史", "family history of diabetes"),
    "parents_with_hypertension": Quantity("父母高血压人数", "parents with hypertension", "1", 0, 2),
    "sdi_decile": Quantity("社会剥夺指数十分位", "decile of social deprivation", "1", 1, 10),
    "fpg_mmol": Quantity("空腹血糖", "fasting glucose", "mmol/L", 1, 40, {"mg/dL": GLUCOSE_MG_DL}),
    "glucose_random_mmol": Quantity("随机血糖", "random glucose", "mmol/L", 1, 60, {"mg/dL": GLUCOSE_MG_DL}),
    "hba1c_pct": Quantity("糖化血红蛋白", "HbA1c", "%", 2.5, 20),
    "tc_mmol": Quantity("总胆固醇", "total cholesterol", "mmol/L", 1, 20, {"mg/dL": CHOLESTEROL_MG_DL}),
    "hdl_mmol": Quantity("高密度脂蛋白胆固醇", "HDL cholesterol", "mmol/L", 0.1, 6, {"mg/dL": CHOLESTEROL_MG_DL}),
    "ldl_mmol": Quantity("低密度脂蛋白胆固醇", "LDL cholesterol", "mmol/L", 0.1, 15, {"mg/dL": CHOLESTEROL_MG_DL}),
    "tg_mmol": Quantity("甘油三酯", "triglycerides", "mmol/L", 0.1, 60, {"mg/dL": TRIGLYCERIDES_MG_DL}),
    "alt": Quantity("丙氨酸转氨酶", "ALT", "U/L", 1, 5000),
    "ggt": Quantity("γ-谷氨酰转移酶", "GGT", "U/L", 1, 5000),
    "creatinine_umol": Quantity("肌酐", "creatinine", "umol/L", 15, 2000, {"mg/dL": CREATININE_MG_DL}),
    "uric_acid_umol": Quantity("尿酸", "uric acid", "umol/L", 30, 1500, {"mg/dL": URIC_ACID_MG_DL}),
    "bun_mmol": Quantity("尿素氮", "urea nitrogen", "mmol/L", 0.3, 60, {"mg/dL": UREA_NITROGEN_MG_DL}),
    "uacr_mg_g": Quantity("尿白蛋白/肌酐比", "urine albumin-creatinine ratio", "mg/g", 0.01, 30000),
    "egfr": Quantity("估算肾小球滤过率", "eGFR", "mL/min/{1.73_m2}", 1, 200),
    "waist_height": Quantity("腰高比", "waist to height", "1", 0.2, 1.5),
}
