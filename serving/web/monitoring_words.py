"""The words of the page on monitoring."""

from cdss.rules.alert import Text

WORDS = {
    "monitoring.title": Text("模型监测", "Models watched"),
    "monitoring.intro": Text(
        "模型在本地看到什么、说了什么，与训练数据、本地基线和实际结局相比如何。漂移不等于错误，是请人去看。",
        "What the models see and say here, against their training, this site's own beginning, and what happened. "
        "Drift is no error: it asks a person to look.",
    ),
    "monitoring.days": Text("最近 {} 天", "last {} days"),
    "monitoring.all": Text("全部模型", "All models"),
    "monitoring.drift": Text("漂移", "Drift"),
    "monitoring.answered": Text("回答", "Answered"),
    "monitoring.people": Text("人数", "People"),
    "monitoring.share": Text("有答案", "Answered"),
    "monitoring.tiers": Text("档次", "Tiers"),
    "monitoring.unanswered": Text("未答原因", "Why not"),
    "monitoring.nobody": Text("这段时间没有评估过居民。", "Nobody was scored in this time."),
    "monitoring.item": Text("项目", "Item"),
    "monitoring.now": Text("现在（柱）与训练（横线）", "Now (bars) and training (marks)"),
    "monitoring.to_training": Text("较训练数据", "To training"),
    "monitoring.to_site": Text("较本地基线", "To this site"),
    "monitoring.missing": Text("缺失：现在 / 训练", "Missing: now / training"),
    "monitoring.baseline": Text("本地基线：{} 至 {}", "This site's baseline: {} to {}"),
    "monitoring.no_baseline": Text(
        "本地基线尚在积累：取最先满 2,000 人的完整日子，或用 cdss monitor baseline 指定。",
        "This site's baseline is gathering: the first whole days that hold 2,000 people, or set by "
        "cdss monitor baseline.",
    ),
    "monitoring.no_reference": Text(
        "该模型未附带训练参照，漂移无从判断。", "The model was shipped without a reference: drift cannot be told."
    ),
    "monitoring.calibration": Text("校准", "Calibration"),
    "monitoring.no_outcomes": Text(
        "尚无结局返回。用 cdss monitor outcomes 导入结果后，这里显示预测与实际之比。",
        "No outcomes have come back. After cdss monitor outcomes the ratio of what happened to what was predicted is "
        "shown here.",
    ),
    "monitoring.version": Text("版本", "Version"),
    "monitoring.period": Text("时期", "Period"),
    "monitoring.whole": Text("合计", "all"),
    "monitoring.events": Text("事件", "Events"),
    "monitoring.expected": Text("预期", "Expected"),
    "monitoring.o_e": Text("实际/预期", "Observed / expected"),
    "monitoring.slope": Text("斜率", "Slope"),
    "monitoring.level": Text("判断", "Says"),
    "monitoring.layer": Text("本地校准层", "Site layer"),
    "monitoring.no_layer": Text(
        "无。模型按出厂校准回答。用 cdss calibrate 以 500 个以上本地结局校准。",
        "None: the model answers as it was shipped. cdss calibrate makes one from 500 or more local outcomes.",
    ),
    "monitoring.in_force": Text("使用中", "in force"),
    "monitoring.not_signed": Text("签名不符，不使用", "not signed here, not used"),
    "monitoring.measure": Text("指标", "Measure"),
    "monitoring.before": Text("校准前", "Before"),
    "monitoring.after": Text("校准后（交叉验证）", "After (cross-validated)"),
    "monitoring.fifths": Text("按风险五等分：预测与实际", "Fifths by risk: predicted and observed"),
    "monitoring.history": Text("本地做过的校准层", "Layers made here"),
    "monitoring.made_from": Text("{} 人，{} 例", "{} people, {} events"),
    "measure.o_e": Text("实际/预期 O/E", "Observed / expected"),
    "measure.slope": Text("校准斜率", "Calibration slope"),
    "measure.auc": Text("区分度 AUC", "AUC"),
    "measure.brier": Text("Brier 分数", "Brier score"),
    "measure.log_loss": Text("对数损失", "Log loss"),
    "why.too-little-known": Text("已知资料太少", "too little is known"),
    "why.implausible": Text("有不可能的数值", "implausible value"),
    "why.row-fault": Text("整行有误", "row at fault"),
    "why.outside-age": Text("年龄不在范围", "outside the ages"),
    "why.known-diabetes": Text("已知糖尿病", "diabetes known"),
    "why.pregnant": Text("妊娠", "pregnant"),
}
