"""An explanation as lines of text for a terminal, made of its JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuopin.core.language.catalogue import Title
from tuopin.core.standards.kinds import KINDS
from tuopin.register.correcting.forms import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuopin.core.standards.kinds import Kind
    from tuopin.core.standards.verdicts import Verdict

    type Say = Callable[[dict[str, str] | Title], str]


def explanation_text(found: dict[str, Any], say: Say) -> str:
    """The document of one standard; ``say`` picks the terminal's language."""
    return "\n".join(_Text(found, say).lines())


class _Text:
    def __init__(self, found: dict[str, Any], say: Say) -> None:
        self.found, self.say, self.kind = found, say, KINDS[found["kind"]]

    def lines(self) -> list[str]:
        found = self.found
        lines = [f"{found['subject']}  {found['standard']} [{found['pack']} {found['pack_version']}]  {found['on']}"]
        if self.kind.overall is not None:
            lines.append(_word(self.kind, found["overall"], self.say, overall=True))
        if found["differs_from_stored"]:
            lines.append(
                self._pick("与已存的判定不同：此后数据或标准有变动。",
                           "Differs from the stored verdict: the data or the pack changed since.")
            )  # fmt: skip
        elif found["data_changed_since"]:
            lines.append(
                self._pick(
                    "其后登记资料有变动（可能在别的区域）。", "The register has changed since (perhaps elsewhere)."
                )
            )
        for item in found["items"]:
            lines += self._item(item)
        for each in found["below"]:
            lines += self._below(each)
        for paper in found["papers"]:
            until = f" → {paper['valid_until']}" if paper["valid_until"] else ""
            lines.append(f"{self._pick('佐证材料', 'paper')} {paper['name']}  {paper['day']}{until}")
        if found["helpers"]:
            lines += ["", self._pick("帮扶责任人：", "helpers: ") + self._pick("、", ", ").join(found["helpers"])]
        if found["draft"]:
            lines += ["", self._pick("草案，未经确认：", "draft, unconfirmed:") + " " + ", ".join(found["draft"])]
        return lines

    def _pick(self, zh: str, en: str) -> str:
        return self.say(Title(zh, en))

    def _item(self, item: dict[str, Any]) -> list[str]:
        said, say = self.kind.said(item["verdict"]), self.say
        lines = ["", f"{said.sign} {say(item['title'])} [{item['key']}]  {say(said.title)}"]
        told = (item["reason"], item["missing"], *item["distance"], *item["turns"])
        parts = [say(each) for each in told if each]
        if parts:
            lines.append("    " + "; ".join(parts))
        lines += [f"    {self._pick('草案', 'draft')} {say(each)}" for each in item["unconfirmed"]]
        lines += [f"    {say(each['title'])} = {say(each['value'])}" for each in item["values"]]
        for limit in item["limits"]:
            value = say(limit["value"]) if limit["value"] else self._pick("未定", "not set")
            since = f" ({limit['from']} →)" if limit["from"] else ""
            lines.append(f"    {self._pick('限值', 'limit')} {say(limit['title'])} = {value}{since}  {limit['source']}")
        lines += [f"    {self._cell(cell)}" for cell in item["cells"]]
        for name, verdict in (("failing", self.kind.points_at), ("unsure", "unknown")):
            if item[name]:
                lines.append(f"    {say(self.kind.said(verdict).title)} {item[name]}")
        for member in item["members"]:
            what = say(self.kind.said(self.kind.points_at if member["fails"] else "unknown").title)
            lines.append(f"    {member['name']} {member['code']}  {what}")
            lines += [f"      {self._cell(cell)}" for cell in member["cells"]]
        for each in item["counted"]:
            unsure = f", {self._pick('未知', 'unknown')} {each['unsure']}" if each["unsure"] else ""
            lines.append(f"    {say(each['title'])} {each['sure']}{unsure}")
            lines += [f"      {one['name']} {one['code']}" for one in each["members"]]
        for gap in item["fill"]:
            lines += self._gap(gap)
        if item["expires"]:
            lines.append(f"    {self._pick('依据有效至', 'evidence counts until')} {item['expires']}")
        if item["do"] and item["verdict"] == self.kind.points_at:
            lines.append(f"    {self._pick('怎么办', 'what to do')} {say(item['do'])}")
        lines.append(f"    {self._pick('依据', 'source')} {item['source']}")
        return lines

    def _gap(self, gap: dict[str, Any]) -> list[str]:
        where = f"{self.say(gap['workbook'])} “{gap['header']}”" if gap["workbook"] else ""
        line = f"    {self._pick('谁来填', 'who fills it')} {self.say(gap['title'])}: {where}"
        told = [self.say(each) for each in ([gap["who"]] if gap["who"] else []) + gap["lists"]]
        return [line, *(f"      {each}" for each in told)]

    def _below(self, below: dict[str, Any]) -> list[str]:
        counts = "  ".join(f"{_word(self.kind, name, self.say)} {count}" for name, count in below["counts"].items())
        lines = ["", f"{self.say(below['title'])}  {below['on']}", f"    {counts}"]
        for verdict in ("not_met", "unknown"):
            said = self.kind.said(verdict).sign
            for one in below[verdict]:
                items = self._pick("、", ", ").join(self.say(each) for each in one["items"])
                lines.append(f"    {said} {one['name']} {one['code']}  {items}")
        return lines

    def _cell(self, cell: dict[str, Any]) -> str:
        line = f"{self.say(cell['title'])}: {self.say(cell['value'])}"
        evidence = cell["evidence"]
        if evidence is None:
            return line
        kind = self.say(SOURCES[evidence["source"]]) if evidence["source"] in SOURCES else ""
        row = f"{evidence['file']} {evidence['sheet']} {evidence['row']}" if evidence["file"] else ""
        days = f"{evidence['days']} {self._pick('天前', 'days old')}"
        return f"{line}  [{' · '.join(part for part in (kind, row, evidence['as_of'], days) if part)}]"


def _word(kind: Kind, verdict: Verdict, say: Say, *, overall: bool = False) -> str:
    said = kind.said(verdict, overall=overall)
    return f"{said.sign} {say(said.title)}"
