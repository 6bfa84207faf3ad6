"""The sentences of a notice, in English and Chinese.

A sentence is a template for `str.format`. None of them has a digit or a count in it: a notice tells
what was found, and nothing of how sure anybody was.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a notice is made of in one language.

    ``headlines`` go by verdict, ``sources`` and ``written_sources`` by the source of a name.
    """

    headlines: Mapping[str, str]
    found: str
    copies: str
    likely_copies: str
    alike: str
    names: str
    sources: Mapping[str, str]
    any_source: str
    unread: str
    no_picture: str
    nothing_read: str
    more: str
    quoted: str
    subject: str
    work: str
    holder: str
    do: str
    remove: str
    licence: str
    some_holder: str
    and_: str
    replace: str
    object_title: str
    object_: str
    answer: str
    write_to: str


ENGLISH = Wording(
    headlines={
        "allow": "Your upload {pack} may be used for training.",
        "flag": "Training on your upload {pack} is on hold until a person has looked at it.",
        "block": "Your upload {pack} cannot be used for training.",
    },
    found="What was found",
    copies="Copies, or edited copies, of protected pictures of {subject}:",
    likely_copies="What may be edited copies of protected pictures of {subject}:",
    alike="The pictures of the upload, taken together, look like {subject}. Seen in:",
    names="The name {name} of {subject} stands in {source}:",
    sources={
        "caption": "captions",
        "trigger word": "the trigger words",
        "file name": "the names of files",
        "text": "text files",
        "metadata text": "the texts that pictures carry with them",
    },
    any_source="the upload",
    unread="Nobody could look into what follows, so training on it cannot be allowed:",
    no_picture="There was no picture in it that could be looked at.",
    nothing_read="A person has to look at it before it can be used.",
    more="and others",
    quoted="“{text}”",
    subject="{name} from “{work}”{holder}",
    work="the work “{work}”{holder}",
    holder=" (rights holder: {holder})",
    do="What you can do",
    remove="Remove everything that is named above, and upload the rest again.",
    licence=(
        "If you want to use {characters}, ask {holders} for a licence. Send it to us; once it is "
        "on record, upload again."
    ),
    some_holder="the rights holder",
    and_=" and ",
    replace=(
        "Replace files that could not be looked at: use ordinary pictures and plain text files. "
        "Leave out caches of a trainer, links and protected archives; a trainer makes its caches "
        "again."
    ),
    object_title="If you think that this is wrong",
    object_=(
        "You may object, for instance because the pictures are your own work, because you hold a "
        "licence already, or because something was mistaken for something else. {how}, quote the "
        "reference {reference}, and say why. A person looks at every objection. Until then, "
        "nothing of this upload is trained on."
    ),
    answer="Answer this message",
    write_to="Write to {contact}",
)

CHINESE = Wording(
    headlines={
        "allow": "您上传的{pack}可以用于训练。",
        "flag": "您上传的{pack}已暂停训练，须经人工审核后才能继续。",
        "block": "您上传的{pack}不能用于训练。",
    },
    found="检查结果",
    copies="下列图片是{subject}的受保护图片的复制品，或由其修改而成：",
    likely_copies="下列图片可能是由{subject}的受保护图片修改而成：",
    alike="上传的图片从整体上看与{subject}相像，见于：",
    names="{source}中出现了名称{name}，它属于{subject}：",
    sources={
        "caption": "图片说明",
        "trigger word": "触发词",
        "file name": "文件名",
        "text": "文本文件",
        "metadata text": "图片自带的文字信息",
    },
    any_source="上传内容",
    unread="下列文件无法检查，因此不能允许用它们训练：",
    no_picture="其中没有可以检查的图片。",
    nothing_read="须经人工审核后才能使用。",
    more="以及其他文件",
    quoted="“{text}”",
    subject="作品《{work}》中的角色{name}{holder}",
    work="作品《{work}》{holder}",
    holder="（权利人：{holder}）",
    do="您可以这样处理",
    remove="请删除上面列出的全部内容，然后重新上传其余部分。",
    licence=(
        "如果您希望使用{characters}，请向{holders}申请授权，并把授权证明提交给我们；"
        "登记之后即可重新上传。"
    ),
    some_holder="权利人",
    and_="、",
    replace=(
        "请替换无法检查的文件：只使用普通的图片和纯文本文件，"
        "不要包含训练器的缓存、链接或加密的压缩包；缓存会由训练器重新生成。"
    ),
    object_title="如果您认为判断有误",
    object_=(
        "您可以提出异议，例如图片是您自己创作的、您已经取得授权，或者内容被误认。"
        "{how}，注明编号 {reference}，并说明理由。每一份异议都会由人工复核；"
        "在复核完成之前，本次上传的内容不会用于训练。"
    ),
    answer="请直接回复本通知",
    write_to="请联系 {contact}",
)

WORDINGS: Mapping[str, Wording] = {"en": ENGLISH, "zh": CHINESE}
