"""All there is to say of a model as one HTML file: verdict, evidence, reasons, limits. Others use `report_html`."""
