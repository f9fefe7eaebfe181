"""How well others learn from the same rows: AutoGluon, FLAML, CatBoost and LightGBM beside `leadlight fit`."""
