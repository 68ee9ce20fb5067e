"""One box that finds people and papers: what each feature and plugin can find, within the asker's reach."""
