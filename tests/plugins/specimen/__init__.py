"""A stranger's plugin: a sports club collects its dues. docs/write-a-plugin.md builds it; tests/plugins proves every hook with it."""
