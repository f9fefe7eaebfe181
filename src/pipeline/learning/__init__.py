"""What it means: from a training set to a calibrated model, its quality with intervals, its bundle and its promotion.

Others use `metrics.quality`, `model.Model`, `estimator.LeadClassifier`, `evaluation.evaluate`, `bundle.Bundle`,
`verdict`, `promotion` and `registry`. The request path imports only `treeshap`, `model` and `bundle`.
"""
