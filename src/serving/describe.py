"""The model in use, in words and figures: what `GET /v1/model` answers."""

from __future__ import annotations

from pipeline.definitions.spans import DAY
from serving.schemas import CriterionOut, ModelResponse
from serving.scorer import Scorer


def describe(scorer: Scorer) -> ModelResponse:
    """All that the bundle's card and definition say to those who call the service."""
    bundle, expectations = scorer.bundle, scorer.expectations
    card, definition = bundle.card, bundle.definition
    return ModelResponse(
        model_version=bundle.version,
        kind=bundle.model.kind,
        base_rate=card["base_rate"],
        horizon_days=None if definition.horizon is None else definition.horizon / DAY,
        timezone=definition.timezone,
        knows_until=card.get("knows_until"),
        tested=card.get("tested"),
        test=card.get("test"),
        said=list(card.get("said", ())),
        attributes=list(expectations.attributes),
        kinds=list(expectations.kinds),
        columns=list(expectations.columns),
        criteria=[
            CriterionOut(
                name=criterion.name,
                family=criterion.family,
                side=criterion.side,
                label={"en": criterion.title(), **criterion.label},
                columns=list(criterion.columns),
            )
            for criterion in definition.criteria
        ],
    )
