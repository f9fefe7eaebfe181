"""What it means: from a training set to a calibrated model with a scorecard as its prior, and its bundle.

Others use `model.Model`, `estimator.LeadClassifier`, `candidate.fit_candidate`, `tuning`, `scorecard.bind`,
`bundle.Bundle` and `metrics.quality`. The request path imports only `treeshap`, `scorecard`, `model` and `bundle`.
"""
