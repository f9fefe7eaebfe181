"""What was known when: ledgers, the kernel that measures them, observations and the training set.

Others use `measures.measure_all`, `matrix.Definition`, `observations.is_open`, `training_set.build_training_set` and
`training_set.TrainingSet`.
"""
