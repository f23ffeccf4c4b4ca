{
    "name": "Customer Grading: Example",
    "version": "19.0.1.0.0",
    "author": "Customer Grading contributors",
    "license": "LGPL-3",
    "category": "Sales/CRM",
    "summary": "Credit notes as a measure, with a scheme, a stage and a play: what you copy to extend Customer Grading",
    "depends": ["customer_grading"],
    "data": [
        "data/grading_scheme_data.xml",
        "data/grading_lifecycle_data.xml",
        "data/grading_play_data.xml",
        "views/grading_lifecycle_views.xml",
    ],
}
