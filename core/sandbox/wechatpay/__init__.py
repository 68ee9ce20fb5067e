"""WeChat Pay's side of the wire, API v3: orders, keys, wallet pages, web authorization and notifications."""
