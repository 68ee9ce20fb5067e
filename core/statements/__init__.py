"""Statements: files of channels, banks and business systems come in, are judged, kept and normalised."""
