"""Rules that neither the SDKs' types nor the services' models express."""
