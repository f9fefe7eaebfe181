"""What was known when: ledgers, the kernel that measures them, observations and the training set.

Others use `measures.measure`, `matrix.Definition`, `observations.observe`, `training_set.TrainingSet`.
"""
