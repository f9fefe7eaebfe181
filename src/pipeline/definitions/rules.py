"""Where a lead stands and what to do next, as a workspace says it: stages, grades, actions, audiences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from pipeline.definitions.conditions import Condition, parse
from pipeline.definitions.criteria import Criterion, Measure
from pipeline.definitions.spans import DAY, parse_span, span_text
from pipeline.definitions.strict import wrong
from pipeline.definitions.terms import Joined, Term
from pipeline.definitions.yaml_lines import KeyPath

STAGES = ("client", "qualified", "prospect", "contact")
GRADES = (("A", 3.0), ("B", 1.5), ("C", 0.5))
"""From this multiple of the base rate's odds on; below the last it is LOWEST."""
LOWEST = "D"
LETTERS = (*(letter for letter, _ in GRADES), LOWEST)
ACTIONS = ("none", "rest", "call", "answer", "introduce", "nurture", "relaunch")
"""The actions that ship; a workspace may have words of its own."""

INTEREST_WITHIN = 90 * DAY
INTEREST: tuple[tuple[tuple[str, ...], str | None], ...] = (
    (("*demo_request*", "*quote_request*", "meeting", "meetings", "trial", "trials"), None),
    (("reply", "replies", "*_reply", "reply_*", "call_in", "inbound_call*"), None),
    (("call", "calls", "call_*", "phone_call*"), "inbound"),
)
"""Kinds (patterns) that are concrete, verifiable interest, and the flow that they need."""

OPTED_OUT = "opted_out"
"""The attribute that says that nobody may turn to the lead any more; never a feature."""
FACTS = ("contacted", "unanswered", "interested", OPTED_OUT)
"""Words for what is visible of a lead, scored or not."""
SCORED = ("stage", *STAGES, "grade", "probability", "score", "percentile", "fit", "intent")
"""Words for what a score says; a stage's own word means that the lead is at it."""
BEFORE = "grade_before"
"""The grade 60 days earlier by the same model: of rules for actions alone."""

MOST_AUDIENCES = 200

LAST = "always", "nurture"
FIRST = OPTED_OUT, "none"
DEFAULT_ACTIONS = (
    FIRST,
    ("grade = D and grade_before = D", "rest"),
    ("qualified and grade in [A, B]", "call"),
    ("qualified", "answer"),
    ("prospect and not contacted", "introduce"),
    ("unanswered >= 5", "nurture"),
    ("prospect", "relaunch"),
    LAST,
)


@dataclass(frozen=True)
class ActionRule:
    """An action and when it is the one."""

    when: Condition
    do: str

    @cached_property
    def _apart(self) -> dict[str, tuple[Term, ...]]:
        return {}

    def without(self, name: str) -> tuple[Term, ...]:
        """Of what has to hold all at once, what does not ask for a name."""
        found = self._apart.get(name)
        if found is None:
            root = self.when.root
            every = root.terms if isinstance(root, Joined) and root.word == "and" else (root,)
            found = self._apart[name] = tuple(term for term in every if name not in term.names())
        return found


@dataclass(frozen=True)
class Rules:
    """Where a lead stands and what to do: `actions` are tried in order, and the last holds always.

    `interest` are kinds (patterns) and the flow that they need, `within` is in microseconds; `grades` are letters with
    the multiple of the base rate's odds from which each is given. `audiences` have those that they name within them.
    """

    interest: tuple[tuple[tuple[str, ...], str | None], ...]
    within: int
    grades: tuple[tuple[str, float], ...]
    actions: tuple[ActionRule, ...]
    audiences: Mapping[str, Condition]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the rules for actions ask for, each once."""
        return tuple(dict.fromkeys(name for rule in self.actions for name in rule.when.names))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """What codes of actions mean: those that ship, then the workspace's own."""
        return tuple(dict.fromkeys((*ACTIONS, *(rule.do for rule in self.actions))))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The rules for actions as they are written."""
        return tuple(rule.when.text for rule in self.actions)

    @cached_property
    def facts(self) -> tuple[Criterion, ...]:
        """What the words of FACTS are read from, to be measured with a model's own criteria.

        Names with a space cannot be a workspace's own.
        """
        interest = (
            Criterion(
                f"stage interest {place}",
                "behaviour",
                (Measure("count", self.within),),
                when=(*((("flow", (flow,)),) if flow else ()), ("kind", kinds)),
            )
            for place, (kinds, flow) in enumerate(self.interest)
        )
        contacted = Criterion("stage contacted", "engagement", (Measure("count"),), when=(("flow", ("outbound",)),))
        unanswered = Criterion("stage unanswered", "engagement", (Measure("unanswered"),))
        opted_out = Criterion("stage opted_out", "demographics", attribute=OPTED_OUT, values="categorical")
        return (*interest, contacted, unanswered, opted_out)

    @cached_property
    def interest_columns(self) -> tuple[str, ...]:
        """The columns of `facts` that count interest."""
        return tuple(name for criterion in self.facts[: len(self.interest)] for name in criterion.columns)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the bundle's card, as a workspace would write it; audiences as far as actions name them."""
        used: dict[str, str] = {}
        waiting = [name for rule in self.actions for name in parse(rule.when.text).names]
        while waiting:
            name = waiting.pop()
            if name in self.audiences and name not in used:
                used[name] = self.audiences[name].text
                waiting += parse(used[name]).names
        interest = [{"kind": list(kinds)} | ({"flow": flow} if flow else {}) for kinds, flow in self.interest]
        return {
            "stages": {"interest": interest, "within": span_text(self.within)},
            "grades": dict(self.grades),
            "actions": [{"when": rule.when.text, "do": rule.do} for rule in self.actions],
            "audiences": dict(sorted(used.items())),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Rules:
        """Read what `to_json` wrote."""
        stages = plain["stages"]
        interest = tuple((tuple(item["kind"]), item.get("flow")) for item in stages["interest"])
        actions = [(item["when"], item["do"]) for item in plain["actions"]]
        return rules_of(interest, parse_span(stages["within"]), plain["grades"], actions, plain["audiences"])


def rules_of(
    interest: tuple[tuple[tuple[str, ...], str | None], ...],
    within: int,
    grades: Mapping[Any, float],
    actions: Sequence[tuple[str, str]],
    audiences: Mapping[str, str],
) -> Rules:
    """The rules that these settings make; an error says which place of them is wrong.

    Where no rule names `opted_out`, the first is that such a lead is left alone; where none holds always, the last one
    does.
    """
    times = {**dict(GRADES), **grades}
    letters = [letter for letter, _ in GRADES]
    for better, worse in pairwise(letters):
        if not times[better] > times[worse]:
            raise wrong(f"expected {better} to ask for more than {worse}, which asks for {times[worse]:g}", "grades")
    known = _audiences(audiences)
    rules: list[ActionRule] = []
    for place, (when, do) in enumerate(actions):
        if rules and rules[-1].when.text == LAST[0]:
            raise wrong("no lead comes to this rule: the one before holds always", place=("actions", place, "when"))
        rules.append(ActionRule(_parsed(when, known, ("actions", place, "when")), do))
    if not any(OPTED_OUT in rule.when.names for rule in rules):
        rules.insert(0, ActionRule(parse(FIRST[0]), FIRST[1]))
    if rules[-1].when.text != LAST[0]:
        rules.append(ActionRule(parse(LAST[0]), LAST[1]))
    return Rules(interest, within, tuple((letter, float(times[letter])) for letter in letters), tuple(rules), known)


def _audiences(texts: Mapping[str, str]) -> dict[str, Condition]:
    """Each audience, with those that it names within it."""
    plain = {name: _parsed(text, {}, ("audiences", name)) for name, text in texts.items()}
    found: dict[str, Condition] = {}

    def settle(name: str, within: tuple[str, ...]) -> None:
        if name in within:
            raise wrong(f"it names itself, by way of {' and '.join((*within, name))}", place=("audiences", within[0]))
        if name in found:
            return
        for other in plain[name].names:
            if other in plain:
                settle(other, (*within, name))
        found[name] = _parsed(texts[name], found, ("audiences", name))

    for name in plain:
        if not re.fullmatch(r"[^\W\d]\w{0,59}", name):
            raise wrong("expected a name of one word, as in large_companies", place=("audiences", name))
        if name in (*FACTS, *SCORED, BEFORE):
            raise wrong(
                "this word has a meaning of its own in conditions; name it otherwise", place=("audiences", name)
            )
        if len(plain) > MOST_AUDIENCES:
            raise wrong(f"expected at most {MOST_AUDIENCES} audiences", place=("audiences",))
        settle(name, ())
    return found


def _parsed(text: str, audiences: Mapping[str, Condition], place: KeyPath) -> Condition:
    try:
        return parse(text).using(audiences)
    except ValueError as error:
        raise wrong(str(error), place=place) from None


DEFAULT = rules_of(INTEREST, INTEREST_WITHIN, {}, DEFAULT_ACTIONS, {})
"""What a workspace that says nothing of it has, and a bundle that was made before it could be said."""
