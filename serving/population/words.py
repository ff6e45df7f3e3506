"""Measurements in the words of a doctor, with their units."""

from cdss.rules.alert import Text

FEATURES = {
    "age": Text("年龄", "age"),
    "sex": Text("性别", "sex"),
    "height_cm": Text("身高", "height"),
    "weight_kg": Text("体重", "weight"),
    "bmi": Text("体重指数", "BMI"),
    "waist_cm": Text("腰围", "waist"),
    "sbp": Text("收缩压", "systolic pressure"),
    "dbp": Text("舒张压", "diastolic pressure"),
    "pulse": Text("脉搏", "pulse"),
    "smoking": Text("吸烟", "smoking"),
    "hypertension": Text("高血压", "hypertension"),
    "bp_medication": Text("服降压药", "blood pressure medicine"),
    "diabetes": Text("糖尿病", "diabetes"),
    "cvd": Text("心血管病", "cardiovascular disease"),
    "family_diabetes": Text("糖尿病家族史", "family history of diabetes"),
    "fpg_mmol": Text("空腹血糖", "fasting glucose"),
    "hba1c_pct": Text("糖化血红蛋白", "HbA1c"),
    "glucose_random_mmol": Text("随机血糖", "random glucose"),
    "tc_mmol": Text("总胆固醇", "total cholesterol"),
    "hdl_mmol": Text("高密度脂蛋白胆固醇", "HDL cholesterol"),
    "ldl_mmol": Text("低密度脂蛋白胆固醇", "LDL cholesterol"),
    "tg_mmol": Text("甘油三酯", "triglycerides"),
    "alt": Text("谷丙转氨酶", "ALT"),
    "ggt": Text("γ-谷氨酰转移酶", "GGT"),
    "creatinine_umol": Text("血肌酐", "creatinine"),
    "uric_acid_umol": Text("尿酸", "uric acid"),
    "uacr_mg_g": Text("尿白蛋白肌酐比", "urine albumin-creatinine ratio"),
    "bun_mmol": Text("尿素氮", "urea nitrogen"),
}
YES_NO = {True: Text("有", "yes"), False: Text("无", "no")}
SEXES = {True: Text("女", "female"), False: Text("男", "male")}
RAISES = Text("升高风险", "raises risk")
LOWERS = Text("降低风险", "lowers risk")
