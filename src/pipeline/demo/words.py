"""The words of the demo: job titles as people type them, and names that nobody bears. All of it is invented."""

from __future__ import annotations

TITLES = {
    "purchasing": ("Responsable achats", "Acheteur", "Acheteuse industrielle", "Purchasing Manager",
        "Directeur des achats", "Head of Procurement", "Chef de service approvisionnements", "Buyer",
        "Senior buyer", "Directrice achats et supply chain", "Procurement specialist",
        "Responsable des achats indirects"),
    "operations": ("Directeur de production", "Responsable logistique", "Operations Manager",
        "Directrice des opérations", "Responsable qualité", "COO", "Plant manager", "Responsable maintenance",
        "Quality engineer", "Directeur d'usine"),
    "management": ("PDG", "Directeur général", "Directrice générale", "CEO", "Gérant", "Présidente",
        "Managing Director", "Fondateur", "Co-founder", "Directeur", "Dirigeante"),
    "it": ("DSI", "Responsable informatique", "Directeur des systèmes d'information", "IT manager",
        "Software engineer", "Développeur web", "CTO", "Administrateur systèmes et réseaux", "Data analyst",
        "Directrice du numérique"),
    "engineering": ("Ingénieur méthodes", "Ingénieure R&D", "Project manager", "Responsable bureau d'études",
        "Directeur technique", "Technicien", "Chef de projet industriel", "Mechanical Engineer"),
    "finance": ("Directrice financière", "DAF", "Contrôleur de gestion", "CFO", "Responsable comptable",
        "Accountant"),
    "marketing": ("Responsable marketing", "Directrice de la communication", "Chargée de marketing",
        "Marketing Manager", "Community manager", "SEO specialist", "Chef de produit marketing",
        "Head of Growth"),
    "sales": ("Commercial", "Directeur commercial", "Sales representative", "Account executive",
        "Ingénieur commercial", "Responsable grands comptes", "Directrice des ventes"),
    "hr": ("DRH", "Responsable RH", "Directrice des ressources humaines", "HR Business Partner",
        "Chargé de recrutement"),
    "student": ("Étudiant", "Étudiante en master", "Student", "Stagiaire achats", "Alternante marketing",
        "Intern", "Doctorant", "MBA student", "Apprenti ingénieur"),
    "other": ("Consultant", "Assistante de direction", "Chargé de mission", "Office Manager", "Journaliste",
        "Coordinateur", "Independent", "Bénévole"),
}  # fmt: skip
"""By function, for the shares below. To the simulator a title means what the shipped map reads in it."""

FUNCTION_SHARES = {
    "purchasing": 0.14, "operations": 0.15, "management": 0.13, "it": 0.12, "engineering": 0.12, "finance": 0.05,
    "marketing": 0.09, "sales": 0.06, "hr": 0.03, "student": 0.06, "other": 0.05,
}  # fmt: skip

FIRST_NAMES = ("Adèle", "Alban", "Anouk", "Bastien", "Camille", "Céleste", "Damien", "Elodie", "Fabrice",
    "Garance", "Hugo", "Inès", "Jules", "Karine", "Léa", "Loïc", "Margaux", "Maxence", "Nadia", "Noé",
    "Océane", "Pascal", "Quentin", "Romane", "Sacha", "Thaïs", "Ulysse", "Valérie", "Yann", "Zoé", "Alice",
    "Benjamin", "Charlotte", "Daniel", "Emily", "Frank", "Grace", "Henry", "Isla", "Jack", "Kate", "Liam",
    "Mia", "Oliver", "Ruby", "Tom")  # fmt: skip
LAST_NAMES = ("Aubépine", "Bellerive", "Chantefable", "Clairbois", "Courtelande", "Desbruyères", "Fontclaire",
    "Grandpré", "Hautecombe", "Joliverre", "Larivelle", "Malempré", "Montrésol", "Noirétable", "Orfeuil",
    "Passelande", "Quatrevaux", "Rochebrume", "Sautemouche", "Tournebise", "Valombreuse", "Ventadour",
    "Ashgrove", "Brambleby", "Copperfold", "Dunmarrow", "Elderwick", "Fernleigh", "Greywether", "Hollowmere",
    "Inglefield", "Larkspire", "Marshbanks", "Nettlecombe", "Oakhanger", "Pennywhistle")  # fmt: skip
COMPANY_STARTS = ("Ateliers", "Comptoir", "Groupe", "Maison", "Société", "Manufacture", "Établissements",
    "Compagnie", "Union", "Forges", "Laboratoires", "Nouvelles")  # fmt: skip
COMPANY_ENDS = ("Boréale", "Brindille", "Calanque", "Cormoran", "Dunelle", "Écume", "Falaisine", "Girolline",
    "Horizon Bleu", "Igloïde", "Jachère", "Lanterne", "Mirabelline", "Nacelle", "Opaline", "Pélican",
    "Quartzite", "Ruche", "Saxifrage", "Tramontane", "Ursuline", "Vermillon", "Wagonnet", "Zéphyrine")  # fmt: skip
COMPANY_FORMS = ("SAS", "SA", "SARL", "& Fils", "Ltd", "Group")

PHONE_STARTS = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")
"""The French ranges set aside for works of fiction."""

PRICE_PAGES = ("/pricing", "/pricing/plans", "/pricing/enterprise")
OTHER_PAGES = ("/", "/product", "/product/integrations", "/customers", "/customers/workshops",
    "/blog/stock-outs", "/blog/late-deliveries", "/docs/start", "/about", "/careers", "/resources")  # fmt: skip
ASSETS = ("white_paper", "case_study", "checklist", "buyers_guide")
