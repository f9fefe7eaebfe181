"""Raw leads to scores: request -> history -> the analyst's contracts, kernel, model and reasons. No HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from pydantic import ValidationError

from pipeline.definitions.zones import iso
from pipeline.learning.bundle import Bundle
from pipeline.reasons.language import Language, language, message
from pipeline.reasons.scores import Score, score
from pipeline.reasons.stages import acting_of
from serving import checks
from serving.expectations import Expectations
from serving.faults import Fault, RequestError, faults_of
from serving.histories import history_of
from serving.schemas import FIELD_NAMES, LeadIn, ScoreRequest
from serving.settings import Settings

ABSENT = message("The request does not have these attributes, so they are missing: {names}.")


class Scorer:
    """Scores requests with one bundle; what the model expects is worked out once."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.expectations = Expectations.of(bundle.definition, acting_of(bundle).bound.criteria)
        # Its tables are made here, so that no request waits for them.
        bundle.model.ready()
        explainer = bundle.model.explainer
        self.explains = "It has no trees." if explainer is None else explainer.said

    def read(self, body: bytes) -> ScoreRequest:
        """The request in a body of JSON; RequestError names what is wrong with it, nothing of what it holds."""
        try:
            return ScoreRequest.model_validate_json(body)
        except ValidationError as error:
            raise RequestError(*faults_of(error, self.expectations.names | FIELD_NAMES)) from None

    def score(
        self, request: ScoreRequest, now: int, settings: Settings, words: Language | None = None
    ) -> tuple[int, list[Score]]:
        """The moment scored at and a score a lead, in the request's order; RequestError says why there is none.

        `now` (UTC microseconds) is that moment unless the request names one; reasons and warnings are in a language, by
        default English.
        """
        words = words or language()
        as_of = now if request.as_of is None else request.as_of
        faults = checks.faults(request, as_of, now, settings)
        if faults:
            raise RequestError(*faults)
        leads = request.leads
        history, account = history_of(leads, self.bundle.definition, self.bundle.card.get("flows", {}))
        aside = [(place, account.leads[lead.id]) for place, lead in enumerate(leads) if lead.id in account.leads]
        if aside:
            raise RequestError(*(Fault(f"/leads/{place}/deals", *checks.SET_ASIDE[reason]) for place, reason in aside))
        scores = score(self.bundle, history, as_of, np.arange(len(leads)), language=words)
        return as_of, [
            replace(each, warnings=(*each.warnings, *self._warnings(lead, as_of, words)))
            for each, lead in zip(scores, leads, strict=True)
        ]

    def _warnings(self, lead: LeadIn, as_of: int, words: Language) -> Sequence[str]:
        """What the sender should know of its own data; the model's own warnings come from the score."""
        found = []
        absent = [name for name in self.expectations.attributes if name not in lead.attributes]
        if absent:
            found.append(words.text(ABSENT, names=", ".join(absent)))
        late = sum(max(fact.at, fact.known_at or fact.at) >= as_of for fact in lead.interactions)
        if late:
            found.append(
                words.count(
                    "{n} interaction is not known before {as_of}, so not used.",
                    "{n} interactions are not known before {as_of}, so not used.",
                    late,
                    as_of=iso(as_of),
                )
            )
        return found
