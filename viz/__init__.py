"""All that is seen: trace -> Plotly figure or browser component. No torch, no transformers."""
