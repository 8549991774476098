"""One message: its identification against the agreement, its structure, its elements, what it says.

Source: ISO 9735 UNH; 0085 for the codes.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from pydantic import ValidationError

from hub.canonical.agreement import Agreement, EdiAgreement
from hub.canonical.finding import Finding, Level, Location
from hub.canonical.intake import AcknowledgementReceived, MessageVerdict
from hub.canonical.order import OrderReceived
from hub.canonical.received import DocumentReceived
from hub.canonical.validation import findings_of
from hub.translators.edifact import contrl_read, orders
from hub.translators.edifact.directory import Directory, directory, held_directory, service_directory, stated_directory
from hub.translators.edifact.envelope import SECURITY
from hub.translators.edifact.events import MessageClosed, MessageOpened
from hub.translators.edifact.forms import messages
from hub.translators.edifact.found import any_error, has_room, told
from hub.translators.edifact.guiding import Layer
from hub.translators.edifact.layers import layers_of
from hub.translators.edifact.opening import Fault
from hub.translators.edifact.reading import Reading
from hub.translators.edifact.recoding import read_as_ours
from hub.translators.edifact.remarks import REMARKS, Remark
from hub.translators.edifact.run import Run
from hub.translators.edifact.structure import Group, StructureReader
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.table import Node
from hub.translators.edifact.validate import Problem, Rules, Validator, validator

_VERSION_4 = 4
_OWN = frozenset({"UNH", "UNT"})
_LINES = frozenset({"LIN", "UNS"})
"""Where the lines of a document begin, and where they end."""
Said = OrderReceived | AcknowledgementReceived | DocumentReceived
_ORDERS = MappingProxyType({"ORDERS": orders.read, "ORDCHG": orders.read_change})
_TRANSLATED = frozenset({*_ORDERS, *messages.RECEIVED, *REMARKS, "CONTRL"})
ACKNOWLEDGEMENTS = frozenset({"CONTRL", "APERAK"})


@dataclass(frozen=True, slots=True)
class MessageRead:
    """One message as it was read: what to say about it, and what it says, if it is sound and of a kind we take.

    `offset` and `length` are its bytes in the input, UNH to UNT; `has_table` tells whether more of it was looked at.
    `remark` is what it tells a person, if it is of a kind that a person has to know of.
    """

    verdict: MessageVerdict
    type: str
    offset: int
    length: int
    has_table: bool
    said: Said | None = None
    remark: Remark | None = None

    @property
    def order(self) -> OrderReceived | None:
        """The order that the message is, or is about, if it is one."""
        return self.said if isinstance(self.said, OrderReceived) else None

    @property
    def acknowledgement(self) -> AcknowledgementReceived | None:
        """The CONTRL that the message is, if it is one."""
        return self.said if isinstance(self.said, AcknowledgementReceived) else None

    @property
    def document(self) -> DocumentReceived | None:
        """The document that the message is, if it is one that nothing is done about yet."""
        return self.said if isinstance(self.said, DocumentReceived) else None


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for all messages of an interchange.

    Where nothing is `agreed`, each message is read in the directory that its UNH names.
    """

    agreement: Agreement
    edi: EdiAgreement
    rules: Rules
    sender: str
    sent: date | None
    agreed: bool
    _directories: dict[str, Directory] = field(default_factory=dict)
    _validators: dict[str, Validator] = field(default_factory=dict)
    _layers: dict[tuple[str, str], tuple[Layer, ...]] = field(default_factory=dict)

    def held(self, name: str) -> Directory | None:
        """Return a directory, None where it is not held; what is not is asked for again, so that nothing piles up."""
        found = self._directories.get(name)
        if found is None:
            found = held_directory(name)
            if found is not None:
                self._directories[name] = found
        return found

    def validator(self, name: str) -> Validator:
        """Return the validator of these rules in a directory; in the agreed one, if that is not held."""
        known = name if self.held(name) else self.edi.directory
        found = self._validators.get(known)
        if found is None:
            found = self._validators[known] = validator(self.rules._replace(directory=known))
        return found

    def layers(self, type_: str, name: str) -> tuple[Layer, ...]:
        """Return what a message of a type that is held must keep to upon its directory."""
        found = self._layers.get((type_, name))
        if found is None:
            found = layers_of(self.agreement, type_, name, self.rules.version, self.sent)
            self._layers[type_, name] = found
        return found


class MessageReader:
    """Takes the segments of one message, UNH first, and in the end says what it was.

    Of a message that is not agreed, or has no table, nothing is looked at but UNH and UNT.
    """

    def __init__(self, opened: MessageOpened, setting: Setting, *, translated: bool = True) -> None:
        unh = opened.unh
        self._setting = setting
        self._opened = opened
        self._unh = unh
        self._type = unh.value(2)
        self._findings: list[Finding] = []
        self._faulty: set[int] = set()
        self._checked: list[tuple[Segment, Problem]] = []
        self._end = Run.of_one(unh)
        self._secured = False
        self._directory = setting.edi.directory if setting.agreed else stated_directory(unh)
        table = self._table()
        self._translates = translated and self._type in _TRANSLATED
        self._layers = setting.layers(self._type, self._directory) if table is not None else ()
        kept = self._translates or bool(self._layers)
        self._structure = StructureReader(table, kept=kept) if table else None
        self._validator = setting.validator(self._directory)

    def add(self, run: Run) -> None:
        """Take the next segments; security segments come alone."""
        self._end = run
        if self._setting.edi.codes and self._structure is not None:
            run = read_as_ours(run, self._setting.edi.codes, self._directory, self._setting.rules.version)
        if self._structure is None:
            for index, text in enumerate(run.texts):
                if text[:3] in _OWN:
                    self._check(run.part(index, index + 1, run.position + index))
        elif run.texts[0][:3] in SECURITY:
            self._refuse_security(run.segment(0))
        else:
            self._check(run)
            self._structure.add(run)

    def _check(self, run: Run) -> None:
        for index in self._validator.faulty(run.texts):
            segment = run.segment(index)
            for problem in self._validator.problems(segment):
                if has_room(len(self._checked), problem.level):
                    self._checked.append((segment, problem))

    def _refuse_security(self, segment: Segment) -> None:
        if not self._secured:
            self._secured = True
            code = "47" if self._setting.rules.version >= _VERSION_4 else "27"
            self._report(code, "Security segments are not supported", segment)

    def fault(self, fault: Fault) -> None:
        """Take what is wrong with the bytes of the segment that came last."""
        if fault.segment is None or not has_room(len(self._findings), fault.level):
            return
        if fault.level == "error":
            self._faulty.add(fault.segment.position)
        self._report(fault.code, fault.message, fault.segment, fault.element, fault.component, level=fault.level)

    def close(self, closed: MessageClosed) -> MessageRead:
        """Return what the message was; the findings are in the order of its segments."""
        for segment, problem in self._checked:
            if segment.position not in self._faulty and not self._is_agreed_unit(segment, problem):
                code, level, message, element, component, occurrence, _ = problem
                self._report(code, message, segment, element, component, occurrence, level=level)
        structure = self._structure
        if structure is not None:
            structure.finish()
            self._findings += [self._located(finding) for finding in structure.findings]
            self._hold_against_guides(structure)
        self._findings += closed.opened.place.findings
        said = self._translated() if closed.complete else None
        remark = None
        if structure is not None and self._translates and self._type in REMARKS and not any_error(self._findings):
            remark = REMARKS[self._type](structure.tree)
        verdict = MessageVerdict.trusted(
            reference=self._opened.place.message or "",
            group=self._opened.place.group,
            identifier=":".join(self._unh.components(2)),
            accepted=not any_error(self._findings),
            findings=told(self._findings),
        )
        if structure is not None and verdict.is_unusable:
            verdict = _with_document(verdict, structure.tree)
        offset, last = self._unh.offset, len(self._end) - 1
        length = self._end.offset(last) - offset + len(self._end.texts[last]) + 1
        return MessageRead(verdict, self._type, offset, length, structure is not None, said, remark)

    @property
    def _place(self) -> Location:
        place = self._opened.place
        return Location(interchange=place.interchange, group=place.group, message=place.message)

    def _hold_against_guides(self, structure: StructureReader) -> None:
        """Say what guides do not allow; of what is wrong already, and where the structure is, nothing more is said."""
        if any_error(structure.findings):
            return
        for layer in self._layers:
            told = {_spot(finding) for finding in self._findings}
            for finding in layer.held(structure.tree):
                if _spot(finding) not in told and has_room(len(self._findings), finding.level):
                    self._findings.append(self._located(finding))

    def _is_agreed_unit(self, segment: Segment, problem: Problem) -> bool:
        """Tell whether a unit is too long because it is the partner's own, which the agreement translates."""
        return segment.tag in {"QTY", "PRI"} and problem.value in self._setting.agreement.unit_codes

    def _translated(self) -> Said | None:
        """Read what the message says, if its structure is sound.

        With errors in its elements it is still looked at, so that all that is wrong is told
        at once; but of one segment only the first finding counts.
        """
        structure = self._structure
        if structure is None or structure.findings or not self._translates:
            return None
        reading = Reading(self._setting.agreement, self._setting.sender, self._place)
        said: Said | None = None
        known = {(found.location.segment, found.location.tag) for found in self._findings if found.level == "error"}
        try:
            said = self._read(structure, reading)
        except ValidationError as error:
            if not known:
                reading.report("12", findings_of(error)[0].message, self._unh)
        self._findings += [
            found for found in reading.findings if (found.location.segment, found.location.tag) not in known
        ]
        return None if any_error(self._findings) else said

    def _read(self, structure: StructureReader, reading: Reading) -> Said | None:
        if self._type == "CONTRL":
            return contrl_read.read(structure.tree, reading)
        if self._type in messages.RECEIVED:
            return messages.read(self._type, structure.tree, reading)
        read = _ORDERS.get(self._type)
        return read(structure, reading, self._setting.sent) if read is not None else None

    def _table(self) -> Node | None:
        """Return the table of the message; None, with a finding that says why, where none is held or agreed."""
        type_ = self._type
        if type_ == "CONTRL":
            return service_directory(self._setting.rules.version).message(type_)
        if not type_:
            return None
        return self._agreed_table(type_) if self._setting.agreed else self._stated_table(type_)

    def _agreed_table(self, type_: str) -> Node | None:
        if type_ not in self._setting.edi.receives and type_ not in ACKNOWLEDGEMENTS:
            self._report("17", f"Messages of type {type_} are not agreed", self._unh, 3, 1)
            return None
        table = (self._setting.held(self._directory) or directory(self._directory)).message(type_)
        if table is None:
            self._report("17", f"Messages of type {type_} are not supported", self._unh, 3, 1)
        elif self._is_of_directory():
            return table
        return None

    def _stated_table(self, type_: str) -> Node | None:
        held = self._setting.held(self._directory)
        table = held.message(type_) if held else None
        if table is None:
            what = f"{type_} of {self._directory}" if held else f"Directory {self._directory}"
            code, component = ("17", 1) if held else ("14", 2)
            message = f"{what} is not held: only UNH and UNT of this message were looked at"
            self._report(code, message, self._unh, 3, component, level="warning")
        return table

    def _is_of_directory(self) -> bool:
        unh, edi = self._unh, self._setting.edi
        version, release = edi.directory_in_unh.split(".")
        for component, agreed in ((2, version), (3, release)):
            stated = unh.value(2, component)
            if stated and stated != agreed:
                message = f"The agreement is on {edi.directory_in_unh}, the message says {stated_directory(unh)}"
                self._report("14", message, unh, 3, component)
                return False
        association = edi.association_codes.get(self._type)
        if association and unh.value(2, 5) not in {"", association}:
            message = f"The agreement is on {association}; the message is read all the same"
            self._report("14", message, unh, 3, 5, level="warning")
        return True

    def _report(
        self,
        code: str,
        message: str,
        segment: Segment,
        element: int | None = None,
        component: int | None = None,
        occurrence: int | None = None,
        *,
        level: Level = "error",
    ) -> None:
        location = self._place.model_copy(
            update={
                "segment": segment.position,
                "tag": segment.tag[:12],
                "element": element,
                "component": component,
                "occurrence": occurrence,
                "offset": segment.offset,
            }
        )
        self._findings.append(Finding(code=code, level=level, location=location, message=message))

    def _located(self, finding: Finding) -> Finding:
        place = self._place
        around = {"interchange": place.interchange, "group": place.group, "message": place.message}
        return finding.model_copy(update={"location": finding.location.model_copy(update=around)})


def _spot(finding: Finding) -> tuple[int | None, str | None, int | None, int | None]:
    at = finding.location
    return at.segment, at.tag, at.element, at.component


def _with_document(verdict: MessageVerdict, tree: Group) -> MessageVerdict:
    """Return the verdict with the number of the document, and with the line that each finding is about."""
    bgm = tree.first("BGM")
    lines = [segment for segment in tree.walk() if segment.tag in _LINES]
    positions = [segment.position for segment in lines]
    return verdict.model_copy(
        update={
            "document": (bgm.value(2) or None) if bgm else None,
            "findings": tuple(_with_line(finding, lines, positions) for finding in verdict.findings),
        }
    )


def _with_line(finding: Finding, lines: list[Segment], positions: list[int]) -> Finding:
    before = bisect_right(positions, finding.location.segment or 0)
    last = lines[before - 1] if before else None
    if last is None or last.tag != "LIN" or not last.value(1):
        return finding
    return finding.model_copy(update={"location": finding.location.model_copy(update={"document_line": last.value(1)})})
