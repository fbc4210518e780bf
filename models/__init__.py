"""All that computes: no Streamlit, no Plotly; every module is usable from a notebook."""
