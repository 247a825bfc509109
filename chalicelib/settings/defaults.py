"""The code lists that every shop has from its first day. A shop changes, switches off and adds entries of its own."""

from dataclasses import dataclass

from chalicelib.settings.entities import Label


@dataclass(frozen=True, slots=True)
class Default:
    """A code list as it comes: title, and code → label in the order in which they are shown."""

    title: Label
    entries: dict[str, Label]

    def position(self, code: str) -> int:
        """Ten apart, so that a shop finds room between two."""
        return (list(self.entries).index(code) + 1) * 10


def _list(en: str, zh: str, **entries: tuple[str, str]) -> Default:
    labels = {code: Label(en=in_english, zh=in_chinese) for code, (in_english, in_chinese) in entries.items()}
    return Default(Label(en=en, zh=zh), labels)


DEFAULTS: dict[str, Default] = {
    "carriers": _list(
        "Carriers",
        "快递公司",
        sf=("SF Express", "顺丰速运"),
        yto=("YTO Express", "圆通速递"),
        sto=("STO Express", "申通快递"),
        zto=("ZTO Express", "中通快递"),
        yunda=("Yunda Express", "韵达快递"),
        jd=("JD Logistics", "京东物流"),
        ems=("EMS", "中国邮政 EMS"),
        deppon=("Deppon Express", "德邦快递"),
        dhl=("DHL", "DHL"),
        ups=("UPS", "UPS"),
        fedex=("FedEx", "联邦快递"),
    ),
    "cancel_reasons": _list(
        "Reasons to cancel an order",
        "取消订单原因",
        changed_mind=("I changed my mind", "不想要了"),
        wrong_item=("I chose the wrong goods", "拍错商品"),
        wrong_address=("The address is wrong", "地址填写错误"),
        found_cheaper=("I found it cheaper", "其他渠道价格更低"),
        too_slow=("It takes too long", "发货太慢"),
        other=("Something else", "其他原因"),
    ),
    "refund_reasons": _list(
        "Reasons for a refund",
        "退款原因",
        not_received=("It did not arrive", "未收到货"),
        damaged=("It came damaged", "商品破损"),
        wrong_item=("Something else came", "发错商品"),
        not_as_described=("It is not as described", "与描述不符"),
        quality=("The quality is poor", "质量问题"),
        missing_parts=("Parts are missing", "少件漏发"),
        changed_mind=("I changed my mind", "七天无理由退货"),
        other=("Something else", "其他原因"),
    ),
    "units": _list(
        "Units of goods",
        "计量单位",
        piece=("piece", "件"),
        set=("set", "套"),
        box=("box", "箱"),
        pack=("pack", "包"),
        bottle=("bottle", "瓶"),
        pair=("pair", "双"),
        kilogram=("kg", "千克"),
        gram=("g", "克"),
        litre=("l", "升"),
        metre=("m", "米"),
    ),
}
