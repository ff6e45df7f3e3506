"""Why something was refused, chosen or remarked upon: a code, and the same words in Chinese and English.

A code is a promise to those who read the JSON; its words may be improved. `kind` says what a code does to a study:
`scope` (not for this product), `defect` (the input or the reading failed), `note` (read, but remark), `choice`
(why a series was or was not taken). The limits in millimetres and degrees need clinical review.
"""

from typing import Literal

import msgspec

Kind = Literal["scope", "defect", "note", "choice"]


class Reason(msgspec.Struct, frozen=True):
    """One coded reason, filled in."""

    code: str
    zh: str
    en: str

    @property
    def kind(self) -> Kind:
        """What the reason does to a study."""
        return REASONS[self.code][0]


class Unreadable(ValueError):
    """A file or a series cannot be read; `reason` says why, in both languages."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{reason.code}: {reason.en}")
        self.reason = reason


def reason(code: str, **values: object) -> Reason:
    """The reason `code` with its blanks filled in. KeyError: a code or a blank that is not in the table."""
    _, zh, en = REASONS[code]
    return Reason(code, zh.format(**values), en.format(**values))


def refuse(code: str, **values: object) -> Unreadable:
    """The error to raise for `code`."""
    return Unreadable(reason(code, **values))


REASONS: dict[str, tuple[Kind, str, str]] = {
    # a file
    "not_dicom": (
        "defect",
        "不是 DICOM 文件：缺少 DICM 标记；请提供 DICOM 文件、文件夹或 zip。",
        "Not a DICOM file: the DICM mark is missing; give DICOM files, a folder or a zip.",
    ),
    "empty_file": ("defect", "文件为空（0 字节）；请重新导出。", "The file is empty (0 bytes); export it again."),
    "truncated": (
        "defect",
        "文件不完整：应有 {expected} 字节像素数据，仅有 {found}；请重新发送。",
        "The file is cut short: expected {expected} bytes of pixel data, found {found}; send it again.",
    ),
    "header_too_large": (
        "defect",
        "文件头超过 {limit_mb} MB；正常图像不会如此，已拒绝。",
        "The header is longer than {limit_mb} MB; no ordinary image is, so it is refused.",
    ),
    "header_invalid": (
        "defect",
        "文件头无法解析（{fault}）；请从设备或 PACS 重新导出。",
        "The header cannot be parsed ({fault}); export the file again from the device or PACS.",
    ),
    "attribute_missing": (
        "defect",
        "缺少必需的属性 {names}；请检查来源系统。",
        "Required attributes are missing: {names}; check the system it came from.",
    ),
    "uid_invalid": (
        "defect",
        "{name} 不是有效的 UID（仅数字和点，至多 64 个字符）。",
        "{name} is not a valid UID (digits and dots, at most 64 characters).",
    ),
    "pixels_too_large": (
        "defect",
        "图像声明 {found_mb} MB、{frames} 帧；上限为 {limit_mb} MB、{limit_frames} 帧。",
        "The image declares {found_mb} MB in {frames} frames; at most {limit_mb} MB and {limit_frames} are read.",
    ),
    "ratio_too_large": (
        "defect",
        "压缩比 {found}:1 超过 {limit}:1，疑似恶意文件，已拒绝。",
        "The compression ratio {found}:1 is above {limit}:1; the file is refused as a likely bomb.",
    ),
    "archive_too_large": (
        "defect",
        "压缩包过大（{found}）；上限 {limit}；请分批提供。",
        "The archive is too large ({found}); at most {limit}; give it in parts.",
    ),
    "archive_invalid": ("defect", "zip 文件已损坏；请重新打包。", "The zip is damaged; pack it again."),
    "syntax_not_decodable": (
        "defect",
        "无法解码：不支持传输语法 {syntax}；请让 PACS 以无压缩或 JPEG-LS 无损格式发送。",
        "Cannot be decoded: transfer syntax {syntax}; let the PACS send it uncompressed or as lossless JPEG-LS.",
    ),
    "decode_failed": (
        "defect",
        "像素数据无法解码（{fault}）；数据可能已损坏，请重新发送。",
        "The pixel data cannot be decoded ({fault}); it may be damaged, send it again.",
    ),
    "decode_stopped": (
        "defect",
        "解码超出时间或内存上限，已中止。",
        "Decoding went beyond its limit of time or memory and was stopped.",
    ),
    "not_monochrome": (
        "defect",
        "图像为 {found}；需要灰度图像。",
        "The image is {found}; a grey image is needed.",
    ),
    # a study
    "no_image": ("scope", "检查中没有可读取的图像。", "The study holds no image that can be read."),
    "modality_not_read": (
        "scope",
        "检查类型 {modality} 不在适用范围内；仅阅读胸部 CT 与四肢、髋、肩的 CR/DX。",
        "Modality {modality} is not read; only chest CT and CR/DX of limbs, hip and shoulder are.",
    ),
    "mixed_patients": (
        "defect",
        "同一检查中有不同患者的图像；请核对患者身份后重新发送。",
        "One study holds images of different patients; check the identities and send it again.",
    ),
    "duplicate_conflict": (
        "note",
        "{count} 个实例以相同 UID 但不同内容再次到达；采用最先收到的内容。",
        "{count} instances came again with the same UID but other content; what came first is used.",
    ),
    "duplicate_ignored": (
        "note",
        "{count} 个重复实例（内容相同）已忽略。",
        "{count} repeated instances (same content) were ignored.",
    ),
    "files_not_read": (
        "note",
        "{count} 个文件无法读取，未计入。",
        "{count} files could not be read and are not part of this reading.",
    ),
    # a CT series
    "scout": ("scope", "定位像，不用于阅读。", "A scout image; not read."),
    "secondary": (
        "scope",
        "二次采集或截图，非原始图像。",
        "A secondary capture or screen save, not an original image.",
    ),
    "derived": (
        "scope",
        "重建衍生图像（{found}），非原始轴位图像。",
        "Derived images ({found}), not original axial ones.",
    ),
    "not_axial": (
        "scope",
        "非轴位图像（层面法线与身体长轴夹角 {angle}°）。",
        "Not axial (the slices are turned {angle} degrees from the long axis).",
    ),
    "multiframe": (
        "scope",
        "多帧增强对象尚不支持；请让设备发送单帧 CT。",
        "Multi-frame objects are not read yet; let the device send single-frame CT.",
    ),
    "body_part_out": (
        "scope",
        "检查部位（{zh}）不在模型适用范围内。",
        "Body part {en} is outside what the model is for.",
    ),
    "mixed_geometry": (
        "defect",
        "序列内图像的{zh}不一致，无法组成一个容积。",
        "The slices differ in {en} and do not form one volume.",
    ),
    "position_missing": (
        "defect",
        "{count} 层缺少位置或方向信息，无法定位。",
        "{count} slices lack position, orientation or pixel spacing and cannot be placed.",
    ),
    "gantry_tilt": (
        "defect",
        "机架倾斜 {angle}°；只读取未倾斜的扫描（至多 {limit}°）。",
        "The gantry is tilted {angle} degrees; only scans up to {limit} degrees are read.",
    ),
    "missing_slices": (
        "defect",
        "缺少 {count} 层（层距 {spacing} mm）；请从 PACS 补发整个序列。",
        "{count} slices are missing (spacing {spacing} mm); send the whole series again.",
    ),
    "duplicate_slices": (
        "defect",
        "{count} 个位置有多于一层；序列可能混有多次重建。",
        "{count} positions hold more than one slice; the series may mix several reconstructions.",
    ),
    "uneven_spacing": (
        "defect",
        "层距不均匀（{least} 至 {most} mm）。",
        "The slices are unevenly spaced ({least} to {most} mm).",
    ),
    "too_few_slices": (
        "defect",
        "仅有 {count} 层；至少需要 {limit} 层。",
        "Only {count} slices; at least {limit} are needed.",
    ),
    "slices_too_thick": (
        "defect",
        "层距 {spacing} mm 超过 {limit} mm，模型不能读取：小结节会落在两层之间。",
        "Slices are {spacing} mm apart, above the model's {limit} mm: small nodules fall between two.",
    ),
    "thick_slices": (
        "note",
        "层厚 {thickness} mm：过厚，小结节可能漏检。",
        "Slices are {thickness} mm thick: too thick for small nodules, which may be missed.",
    ),
    "scout_removed": (
        "note",
        "序列中 {count} 幅定位像已去除。",
        "{count} scout images inside the series were left out.",
    ),
    "lossy": (
        "note",
        "图像经过有损压缩，细节可能丢失。",
        "The images were compressed with loss; detail may be gone.",
    ),
    "body_part_unknown": (
        "note",
        "未注明检查部位；模型仅适用于{zh}，请核对。",
        "The body part is not stated; the model is for {en} only, please check.",
    ),
    "pelvis_hips_only": (
        "note",
        "骨盆片：模型仅适用于髋部，不评估骨盆环与骶骨。",
        "A pelvis film: the model is for the hips only, not for the pelvic ring or sacrum.",
    ),
    # what the pixels say, in the model's own words (models/fracture/scope.py, models/lung_nodule/scope.py)
    "unlike_films": ("scope", "{zh}", "{en}"),
    "unlike_chest_ct": ("scope", "{zh}", "{en}"),
    "no_lung": ("scope", "{zh}", "{en}"),
    "film_cut_short": (
        "note",
        "图像不完整：下方 {share}% 没有数据，未阅读；请重新传送。",
        "The image is incomplete: the lowest {share} % hold no data and were not read; please send it again.",
    ),
    "lungs_cut": (
        "note",
        "肺在扫描的{zh}被截断：未扫描的部分没有阅读。",
        "The lungs go on beyond the {en} slice: what was not scanned was not read.",
    ),
    "one_lung": (
        "note",
        "身体一侧几乎没有含气肺组织（积液、不张或术后？）；该侧未能阅读。",
        "Next to no aerated lung on one side of the body (fluid, collapse, removed?); that side could not be read.",
    ),
    "model_cannot_read": (
        "defect",
        "模型不能读取该图像（{fault}）。",
        "The model cannot read this image ({fault}).",
    ),
    # how readers would rate a nodule (rating.py)
    "rating_meaning": ("note", "结节恶性程度评分：{zh}", "Rating of malignancy. {en}"),
    "rating_left_out": (
        "note",
        "{count} 处标记没有恶性程度评分：超出扫描范围，或大小不在模型范围内；这不表示良性。",
        "{count} of the marks have no rating of malignancy: beyond the scan, or not of a size that the model rates; "
        "this does not mean benign.",
    ),
    "rating_unavailable": (
        "note",
        "恶性程度评分不可用（模型缺失或不完整）；发现不受影响，这不表示良性。",
        "The rating of malignancy is unavailable (its model is missing or not intact); the findings stand, and this "
        "does not mean benign.",
    ),
    # the choice among series
    "chosen_only": ("choice", "唯一可读取的序列。", "The only series that can be read."),
    "chosen_thinnest": (
        "choice",
        "层距最小（{spacing} mm）。",
        "The thinnest slices ({spacing} mm).",
    ),
    "chosen_kernel": (
        "choice",
        "层距相同的序列中，卷积核 {kernel} 较柔和、噪声较低。",
        "Of the series with equal slices, kernel {kernel} is the smoother one, with less noise.",
    ),
    "chosen_larger": ("choice", "同类序列中层数最多。", "Of equal series, the one with most slices."),
    "chosen_film": ("choice", "适用部位的 X 线片。", "A film of a body part in scope."),
    "not_chosen": (
        "choice",
        "可读取，但选用了另一序列。",
        "It could be read, but another series was taken.",
    ),
    "other_task": (
        "choice",
        "同一检查中已选读胸部 CT；此片未读。",
        "The chest CT of the same study was read; this film was not.",
    ),
    "own_result": ("choice", "本系统自己的结果，忽略。", "A result of this system itself; ignored."),
    # the reading
    "ai_unavailable": (
        "defect",
        "AI 暂不可用，该检查尚未阅读；这不表示无异常。",
        "AI is unavailable, the study has not been read; this does not mean that nothing was found.",
    ),
    "internal_error": (
        "defect",
        "内部错误，该检查尚未阅读，已记录；这不表示无异常。",
        "An internal error, recorded: the study has not been read; this does not mean that nothing was found.",
    ),
    "objects_failed": (
        "note",
        "已阅读，但结果对象未能生成；将自动重试。",
        "The study was read, but its result objects could not be made; this is tried again.",
    ),
    "not_read_yet": (
        "note",
        "图像仍在接收或等待阅读，尚无结果；这不表示无异常。",
        "Images are still arriving or waiting to be read, there is no result yet; this does not mean a negative one.",
    ),
    "nothing_marked": (
        "note",
        "模型未作任何标记；这不等于正常，仍须医生阅片。",
        "The model marked nothing; this is not a normal report, a physician must still read the images.",
    ),
    "not_a_device": (
        "note",
        "决策辅助，非已注册医疗器械；须由医生确认。",
        "Decision support, not a cleared medical device; to be confirmed by a physician.",
    ),
}
